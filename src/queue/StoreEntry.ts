import type { Linked } from './Linked.ts'

/**
 * What the memory store keeps of a key. Times are epoch milliseconds. Its lists are replaced, not changed: engines give
 * a list that grows room for many more, and there are thousands of keys with one item each.
 */
export interface StoreEntry extends Linked<StoreEntry> {
  readonly key: string
  /** Milliseconds that it is remembered when idle. */
  life: number
  touchedAt: number
  usedUntil: number
  /** Starts handed out that have not come yet, and the last one; in the order in which they were handed out. */
  booked: readonly {
    readonly number: number
    readonly start: number
    readonly usedBefore: number
    readonly usedAfter: number
  }[]
  leases: readonly { readonly number: number; expiresAt: number }[]
}
