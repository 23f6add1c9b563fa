/**
 * A store says no: `waiting` too many reservations lie ahead, `wait` the start would be too late, `running` all leases
 * are out, `keys` it keeps as many keys as it may and all have work.
 */
export interface Refused {
  readonly granted: false
  readonly why: 'waiting' | 'wait' | 'running' | 'keys'
  /** Milliseconds until the same call could succeed. */
  readonly retryAfterMs: number
  /** As in {@link Reserved}, where it is known. */
  readonly usedUntil?: number
}
