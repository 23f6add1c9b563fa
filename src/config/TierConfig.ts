/** How one tier waits, in whole seconds: they are published, and the standard header knows no fractions. */
export interface TierConfig {
  /** Seconds in which {@link concurrency} starts are let through; 0: no interval. */
  readonly intervalSeconds: number
  /** Runs at once, and starts per interval. */
  readonly concurrency: number
  /** Waiting at once; one more is refused. */
  readonly maxWaiting: number
  /** Seconds; who would wait longer is refused at once. */
  readonly maxWaitSeconds: number
  /** Share among the keys that wait for the whole queue's slots. */
  readonly weight: number
}
