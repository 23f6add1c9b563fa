import type { Revocations } from './Revocations.ts'

/** Revocations in memory. */
export interface RevocationMap extends Revocations {
  /**
   * Adds what a poll said, and forgets what is too old to matter. A revocation that a poll no longer names stays.
   *
   * @param now epoch milliseconds
   */
  add(revoked: ReadonlyMap<string, number>, now: number): void
  readonly size: number
}

/**
 * A bounded map of revocations. Where there is no room the oldest go, and from then on every verdict from before
 * them counts as revoked: it is checked again, instead of a revocation being missed.
 *
 * @param most entries
 * @param keepMs longer than any verdict is kept, milliseconds
 */
export function createRevocationMap(most: number, keepMs: number): RevocationMap {
  let known = new Map<string, number>()
  let dropped: number | undefined
  return {
    revokedSince: (keyId) => {
      const since = known.get(keyId)
      if (since === undefined || dropped === undefined) return since ?? dropped
      return Math.max(since, dropped)
    },
    add: (revoked, now) => {
      const all = new Map(known)
      for (const [keyId, since] of revoked) {
        all.set(keyId, Math.max(since, all.get(keyId) ?? since))
      }
      const newest = [...all]
        .filter(([, since]) => since >= now - keepMs)
        .toSorted(([, a], [, b]) => b - a)
      known = new Map(newest.slice(0, most))
      const [, since] = newest[most] ?? []
      if (since !== undefined) dropped = Math.max(since, dropped ?? since)
      if (dropped !== undefined && dropped < now - keepMs) dropped = undefined
    },
    get size() {
      return known.size
    },
  }
}
