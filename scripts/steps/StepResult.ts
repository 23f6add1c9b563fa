import type { Tally } from './Tally.ts'

/** Result of a step. */
export interface StepResult extends Tally {
  readonly name: string
  readonly seconds: number
  /** Whether its failure fails the run. */
  readonly gates: boolean
}
