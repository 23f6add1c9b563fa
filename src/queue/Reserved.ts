/** A start time that is the caller's own. */
export interface Reserved {
  readonly granted: true
  /** For {@link LimitStore.cancel}. */
  readonly id: string
  /** Epoch milliseconds; not before the `now` it was asked with. */
  readonly start: number
  /** Epoch milliseconds up to which the key's starts, evenly spread, are handed out: all of its quota is back then. */
  readonly usedUntil: number
}
