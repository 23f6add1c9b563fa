import type { Lane } from './chooseLane.ts'
import type { KeyRecord } from './KeyRecord.ts'

/**
 * Where a key waits for its turn; null: nobody of it could run. Whoever is first in rank holds up the rest of its key,
 * also when those behind come with a higher concurrency: they would otherwise keep it waiting for ever.
 *
 * @param now epoch milliseconds
 */
export function laneOf(
  { ready, running, blockedUntil }: Pick<KeyRecord, 'ready' | 'running' | 'blockedUntil'>,
  now: number,
): Lane | null {
  const next = ready.head
  if (!next || running >= next.ticket.limits.concurrency || blockedUntil > now) return null
  return next.express ? 'express' : 'turns'
}
