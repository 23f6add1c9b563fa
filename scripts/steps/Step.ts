import type { Tally } from './Tally.ts'

/** One step of a run. */
export interface Step {
  readonly name: string
  /** False: a failure is reported but does not fail the run. Default: true. */
  readonly gates?: boolean
  /** @throws when it failed */
  run(): Promise<unknown>
  /**
   * Reads how many tests the step ran, after it ended in any way. A step without this function or without a report
   * counts as one test.
   */
  tally?(): Tally | undefined
}
