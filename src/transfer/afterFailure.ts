import { FerryError } from '../core/FerryError.ts'
import { verdict } from '../net/verdict.ts'

/** What is known when a range request failed. */
export interface Failure {
  readonly error: unknown
  /** Whether its URL can expire at all. */
  readonly expires: boolean
  readonly nearDeadline: boolean
}

/**
 * What to do after a failed range request: the same URL again, fresh URLs first, or nothing more. Bytes
 * that do not decode were damaged on the way more often than at rest: they are worth another request.
 */
export function afterFailure({
  error,
  expires,
  nearDeadline,
}: Failure): 'again' | 'renew' | 'stop' {
  if (!(error instanceof FerryError)) return 'stop'
  if (error.code === 'protocol' || error.code === 'integrity') return 'again'
  if (error.status === undefined && !error.retryable) return 'stop'
  const said = verdict({ status: error.status, nearDeadline })
  return said === 'renew' && !expires ? 'again' : said
}
