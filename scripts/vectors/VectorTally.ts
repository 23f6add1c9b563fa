/** Result of a vector file. */
export interface VectorTally {
  readonly passed: number
  /** One line each: the place and the fault. */
  readonly failures: readonly string[]
}
