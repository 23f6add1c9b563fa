/** Asks for a start time. Limits come with each call: two callers on one key may carry different ones. */
export interface StartRequest {
  /** Milliseconds, above 0. */
  readonly intervalMs: number
  /** Starts let through per interval, 1 or more; also the burst. */
  readonly perInterval: number
  /** Reservations that may lie in the future at once; one more is refused. */
  readonly maxQueue: number
  /** Milliseconds; a start further away is refused. */
  readonly maxWaitMs: number
  /** Starts that this one counts for, above 0. */
  readonly cost: number
}
