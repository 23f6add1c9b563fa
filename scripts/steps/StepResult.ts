import type { Tally } from './Tally.ts'

/** How a step ended. */
export interface StepResult extends Tally {
  readonly name: string
  readonly seconds: number
  /** Whether the run fails with it. */
  readonly gates: boolean
}
