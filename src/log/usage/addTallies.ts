import type { Tally } from './Tally.ts'

/** Both together. */
export function addTallies(one: Tally, other: Tally): Tally {
  return {
    requests: one.requests + other.requests,
    runMs: one.runMs + other.runMs,
    rejected: one.rejected + other.rejected,
  }
}
