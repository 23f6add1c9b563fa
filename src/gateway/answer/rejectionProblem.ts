import type { Decision } from '../../auth/Decision.ts'
import type { DecisionReason } from '../../auth/DecisionReason.ts'
import { challenge } from './challenge.ts'
import type { Problem } from './Problem.ts'
import { retryAfter } from './retryAfter.ts'

const unavailableMs = 2000

const details: Readonly<Partial<Record<DecisionReason, string>>> = {
  INVALID_TOKEN: 'The token is not valid. Send another one, or none.',
  MALFORMED_CREDENTIAL: 'The credential has no usable form. Send "Authorization: Bearer <token>".',
  MULTIPLE_CREDENTIALS: 'The request has more than one credential. Send one.',
}

/**
 * What somebody is told whom the decision rejected. Never why a token is not valid, and nothing of it.
 *
 * @param decision of kind `rejected`
 * @param realm for the challenge
 * @param random 0 up to 1
 */
export function rejectionProblem(decision: Decision, realm: string, random: number): Problem {
  if (decision.status === 503) {
    const seconds = retryAfter(decision.retryAfterMs ?? unavailableMs, random)
    return {
      status: 503,
      title: 'Service Unavailable',
      detail: 'Tokens cannot be checked at the moment. Try again later.',
      headers: { 'retry-after': String(seconds) },
    }
  }
  const bad = decision.status === 400
  return {
    status: bad ? 400 : 401,
    title: bad ? 'Bad Request' : 'Unauthorized',
    detail: details[decision.reason] ?? 'The credential cannot be used.',
    headers: { 'www-authenticate': challenge(realm, bad ? 'invalid_request' : 'invalid_token') },
  }
}
