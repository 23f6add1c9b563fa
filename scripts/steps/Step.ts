import type { Tally } from './Tally.ts'

/** One thing to do, with a name to show. */
export interface Step {
  readonly name: string
  /** False: that it failed is told, and fails nothing. Default: true. */
  readonly gates?: boolean
  /** @throws when it failed */
  run(): Promise<unknown>
  /**
   * Reads how many tests the step ran, once it has ended, however it ended. A step without it, or without a
   * report to read, counts as one test.
   */
  tally?(): Tally | undefined
}
