import type { Clock } from '../core/Clock.ts'
import type { ScalingChange } from './ScalingChange.ts'

/** How the limit of a queue is steered. */
export interface ScalingOptions {
  /** Default: 4. */
  readonly min?: number
  /** Default: 128. */
  readonly max?: number
  /** Default: 32. */
  readonly initial?: number
  /** Milliseconds that are judged together. Default: 1000. */
  readonly windowMs?: number
  /** Tasks that a window needs before speed or use are judged by it; one overload is always enough. Default: 10. */
  readonly minSamples?: number
  /** Added when all is well and the limit is used. Default: 1. */
  readonly increase?: number
  /** Factor when something is overloaded or slow, above 0 and below 1. Default: 0.9. */
  readonly decrease?: number
  /** Part of the limit that has to run before it grows, above 0 and up to 1. Default: 0.8. */
  readonly targetUtilisation?: number
  /** How many times as slow as usual is slow: the window's 90th percentile against a slow minimum. Default: 2. */
  readonly latencyTolerance?: number
  /** Windows after a decrease in which nothing is changed: its effect has to show first. Default: 1. */
  readonly cooldownWindows?: number
  /** False: the limit is `initial` for ever. Default: true. */
  readonly enabled?: boolean
  /** Computes and tells changes, and applies none. Default: false. */
  readonly dryRun?: boolean
  /** What runs and waits now, to be told beside the limit. Default: nothing. */
  readonly totals?: () => { readonly running: number; readonly waiting: number }
  /** Told of each change, also in a dry run. */
  readonly onChange?: (change: ScalingChange) => void
  readonly clock?: Clock
}
