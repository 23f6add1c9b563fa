/** Remembers what must not come twice, for as long as it could. */
export interface NonceWindow {
  /**
   * @param nonce with its key id
   * @param until epoch milliseconds at which its timestamp is too old anyway
   * @returns `replayed`: it was here before; `full`: there is no room to remember it
   */
  take(nonce: string, until: number): 'fresh' | 'replayed' | 'full'
}

/**
 * A bounded window of nonces. When it is full it refuses: forgetting one early would let it be replayed.
 *
 * @param now gives epoch milliseconds
 * @param most nonces kept at once
 */
export function createNonceWindow(now: () => number, most: number): NonceWindow {
  const kept = new Map<string, number>()
  return {
    take: (nonce, until) => {
      // In order of arrival; none outlives its arrival by more than twice the skew, so the front never blocks for long.
      for (const [old, end] of kept) {
        if (end >= now()) break
        kept.delete(old)
      }
      if (kept.has(nonce)) return 'replayed'
      if (kept.size >= most) return 'full'
      kept.set(nonce, until)
      return 'fresh'
    },
  }
}
