import type { StoreEntry } from './StoreEntry.ts'

/** Whether somebody of this key runs, or has a start ahead. */
export function hasWork({ booked, leases }: StoreEntry, now: number): boolean {
  return leases.some(({ expiresAt }) => expiresAt > now) || booked.some(({ start }) => start > now)
}
