import type { DecisionReason } from '../../auth/DecisionReason.ts'
import type { RefusalWhy } from '../../queue/RefusalWhy.ts'

/** Counts for whoever watches. Every label has a fixed set of values: nothing that is sent makes a new series. */
export interface Metrics {
  /** Media type of {@link text}. */
  readonly contentType: string
  /** A decision was made. */
  decided(reason: DecisionReason): void
  /** The queue let nobody in. */
  refused(why: RefusalWhy): void
  /** @param ms milliseconds that an admitted request waited in the queue */
  waited(ms: number): void
  /** A verdict was looked up. */
  lookedUp(result: 'hit' | 'stale' | 'miss' | 'error'): void
  /**
   * All of it, in the text format 0.0.4 of Prometheus.
   *
   * @param queue as it stands now: `totals` of the queue
   */
  text(queue: { readonly waiting: number; readonly running: number }): string
}
