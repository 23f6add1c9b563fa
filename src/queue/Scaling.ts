import type { ScalingChange } from './ScalingChange.ts'
import type { ScalingSample } from './ScalingSample.ts'

/** Steers one number: how many tasks may run at once. */
export interface Scaling {
  /** What is to be used. */
  readonly limit: number
  /** What would be used: differs from {@link limit} in a dry run only. */
  readonly proposed: number
  readonly inFlight: number
  readonly queued: number
  /** Null until there was one. */
  readonly lastChange: ScalingChange | null
  /** Takes a task into account. Windows are closed by the first task after them: there is no timer. */
  complete(sample: ScalingSample): void
}
