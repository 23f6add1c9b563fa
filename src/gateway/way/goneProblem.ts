import type { Problem } from '../answer/Problem.ts'

/** For the log: whoever asked is not there to read it. The status is not registered, but widely used for this. */
export const goneProblem: Problem = {
  status: 499,
  title: 'Client Closed Request',
  detail: 'The request was given up before it was answered.',
}
