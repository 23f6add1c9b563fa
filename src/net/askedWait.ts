import { isTransient } from './isTransient.ts'
import { parseRateLimit } from './parseRateLimit.ts'
import { parseRetryAfter } from './parseRetryAfter.ts'

/**
 * How long an answer asks its reader to stay away: `Retry-After` of a failure that may go away, else the
 * `RateLimit` field when nothing is left, on a success too. An answer out of a cache tells of another
 * moment; its `RateLimit` says nothing.
 *
 * @param now local epoch milliseconds
 * @returns milliseconds, more than 0; null: it asks for nothing
 * Sources: RFC 9110, section 10.2.3; draft-ietf-httpapi-ratelimit-headers, section on clients.
 */
export function askedWait(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  now: number,
): number | null {
  const after = isTransient(status) ? parseRetryAfter(headers.get('retry-after'), now) : null
  const wait = after ?? (headers.has('age') ? null : parseRateLimit(headers.get('ratelimit')))
  return wait === 0 ? null : wait
}
