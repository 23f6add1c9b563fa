import { isTransient } from './isTransient.ts'

export interface FailedRange {
  /** HTTP status; undefined when no answer could be read. */
  readonly status?: number | undefined
  /** Whether the URL is past its deadline, or so near that it may have passed on the way. */
  readonly nearDeadline: boolean
}

/**
 * What to do after a presigned range request failed: ask the same URL `again`, `renew` the URLs, or `stop`.
 *
 * Stores refuse an expired URL with 403, some with 400, 401 or 404, and often without CORS headers, so
 * that a page sees no status at all: no answer near the deadline therefore counts as a refusal.
 */
export function verdict({ status, nearDeadline }: FailedRange): 'again' | 'renew' | 'stop' {
  if (status === undefined) return nearDeadline ? 'renew' : 'again'
  if ([400, 401, 403, 404].includes(status)) return 'renew'
  return isTransient(status) ? 'again' : 'stop'
}
