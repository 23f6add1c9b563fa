import type { Verdict } from '../Verdict.ts'

/** A verdict whose maker may say for how long it can be used without asking again. */
export type TimedVerdict = Verdict & {
  /** Milliseconds. */
  readonly maxAgeMs?: number
}
