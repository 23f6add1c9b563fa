/** Number of tests of a step, by result. */
export interface Tally {
  passed: number
  failed: number
}
