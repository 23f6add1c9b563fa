/** What became of a vector file. */
export interface VectorTally {
  readonly passed: number
  /** One line each: where, and what is wrong. */
  readonly failures: readonly string[]
}
