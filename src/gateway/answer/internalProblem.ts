import type { Problem } from './Problem.ts'

/** Something threw. What it was is nobody's business outside. */
export const internalProblem: Problem = {
  status: 500,
  title: 'Internal Server Error',
  detail: 'The request could not be answered. If it happens again, tell the operator the instance.',
}
