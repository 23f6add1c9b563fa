import type { QueueRefusal } from '../../queue/QueueRefusal.ts'
import type { RefusalWhy } from '../../queue/RefusalWhy.ts'
import type { Problem } from './Problem.ts'
import { retryAfter } from './retryAfter.ts'

const types = 'https://iana.org/assignments/http-problem-types#'

const details: Readonly<Record<RefusalWhy, string>> = {
  waiting: 'Too many of your requests are waiting. Come back later.',
  wait: 'Your turn would come too late. Come back later.',
  total: 'Too many requests are waiting. Come back later.',
  keys: 'Too many clients are being served. Come back later.',
  store: 'Nobody can be let in at the moment. Come back later.',
  closed: 'The server is about to stop. Come back later.',
}

/** Names of {@link rateLimitFields}'s policies; nothing where it is not the caller's doing. */
const violated: Readonly<Partial<Record<RefusalWhy, readonly string[]>>> = {
  waiting: ['pending'],
  wait: ['queue'],
}

/**
 * What somebody is told whom the queue has no room for: 429 when it is the caller's own doing, else 503.
 *
 * @param refusal of the queue
 * @param random 0 up to 1
 * @see draft-ietf-httpapi-ratelimit-headers, section on problem types
 */
export function refusalProblem(refusal: QueueRefusal, random: number): Problem {
  const policies = violated[refusal.why]
  const waitMs = Math.max(refusal.retryAfterMs, refusal.state.resetMs)
  const headers = { 'retry-after': String(retryAfter(waitMs, random)) }
  if (policies === undefined) {
    return {
      status: 503,
      type: `${types}temporary-reduced-capacity`,
      title: 'Temporarily reduced capacity',
      detail: details[refusal.why],
      headers,
    }
  }
  return {
    status: 429,
    type: `${types}quota-exceeded`,
    title: 'Quota exceeded',
    detail: details[refusal.why],
    violated: policies,
    headers,
  }
}
