import type { Completion } from './Completion.ts'

/**
 * What a status says about the service that gave it.
 *
 * @param status of the answer
 */
export function outcomeOf(status: number): Completion['outcome'] {
  if (status === 499) return 'cancelled'
  if (status === 429 || status === 503 || status === 504) return 'overload'
  if (status >= 500) return 'server-error'
  return status >= 400 ? 'client-error' : 'ok'
}
