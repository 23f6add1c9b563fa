/** What somebody used. */
export interface Tally {
  readonly requests: number
  /** Milliseconds that their work ran. */
  readonly runMs: number
  /** Requests that were refused, by the queue or before it. */
  readonly rejected: number
}
