/** How one key may start work; comes with every admission, so that a key's limits follow its present tier. */
export interface KeyLimits {
  /** Milliseconds in which {@link concurrency} starts are let through; 0: no interval. */
  readonly intervalMs: number
  /** Runs at once, and starts per interval; 1 or more. */
  readonly concurrency: number
  /** Waiting at once; one more is refused. */
  readonly maxWaiting: number
  /** Milliseconds; who would wait longer is refused at once. */
  readonly maxWaitMs: number
  /** Share among the keys that wait for the whole queue's slots; 1 or more. */
  readonly weight: number
}
