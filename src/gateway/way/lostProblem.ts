import type { Problem } from '../answer/Problem.ts'

/** The queue took the slot back while the client still waited. */
export const lostProblem: Problem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The request lost its place while it was answered. Try again.',
  headers: { 'retry-after': '1' },
}
