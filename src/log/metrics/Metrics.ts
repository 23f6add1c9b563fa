import type { DecisionReason } from '../../auth/DecisionReason.ts'
import type { RefusalWhy } from '../../queue/RefusalWhy.ts'

/** Counts for whoever watches. Every label has a fixed set of values: nothing that is sent makes a new series. */
export interface Metrics {
  /** A decision was made. */
  decided(reason: DecisionReason): void
  /** The queue let nobody in. */
  refused(why: RefusalWhy): void
  /** @param ms milliseconds that an admitted request waited in the queue */
  waited(ms: number): void
  /** A verdict was looked up. */
  lookedUp(result: 'hit' | 'stale' | 'miss' | 'error'): void
  /**
   * All of it, in the text format of Prometheus: `text/plain; version=0.0.4; charset=utf-8`.
   *
   * @param queue as it stands now: `totals` of the queue
   */
  text(queue: { readonly waiting: number; readonly running: number }): string
}
