import type { Metric } from './Metric.ts'

/** Counts by size. */
export interface Histogram {
  /** Counts a value. What is no number of 0 or more is left out. */
  add(value: number): void
  readonly metric: Metric
}
