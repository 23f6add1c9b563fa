import type { Problem } from '../answer/Problem.ts'

/** No service has the path. */
export const notFoundProblem: Problem = {
  status: 404,
  title: 'Not Found',
  detail: 'No service has this address.',
}
