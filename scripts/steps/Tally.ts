/** Number of tests of a step, by result. */
export interface Tally {
  passed: number
  failed: number
  /** Test files that took most of the time, the slowest first. */
  slowest?: readonly { readonly file: string; readonly seconds: number }[]
}
