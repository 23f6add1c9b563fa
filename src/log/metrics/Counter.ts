import type { Metric } from './Metric.ts'

/** Counts by one label. */
export interface Counter<Value extends string> {
  /** Counts one more. What is not among the known values counts as `other`. */
  add(value: Value): void
  readonly metric: Metric
}
