import type { Decision, DecisionReason } from '../auth/index.ts'
import type { QueueRefusal, RefusalWhy } from '../queue/index.ts'

/** Members of a problem document (RFC 9457). It must not repeat the request. */
export interface Problem {
  readonly status: number
  /** Default: `about:blank`, which adds nothing to the status. */
  readonly type?: string
  readonly title: string
  readonly detail: string
  /** Names of the policies in `RateLimit-Policy` that were exceeded. */
  readonly violated?: readonly string[]
  /** In addition to content type and `cache-control: no-store`. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * `WWW-Authenticate` for bearer tokens. Without an error when no token was sent.
 *
 * @param realm without quotes and backslashes
 * @see RFC 6750, section 3
 */
export function challenge(realm: string, error?: 'invalid_token' | 'invalid_request'): string {
  return `Bearer realm="${realm}"${error === undefined ? '' : `, error="${error}"`}`
}

/** An internal error, without details for the caller. */
export const internalProblem: Problem = {
  status: 500,
  title: 'Internal Server Error',
  detail:
    'The request could not be answered. If it happens again, give the operator the value of `instance`.',
}

/**
 * A machine-readable refusal: a problem document, RFC 9457.
 *
 * @param problem what happened
 * @param requestId becomes `instance`, the only reference to the request
 * @param method of the request; the response to HEAD has no body
 * @example problemAnswer({ status: 404, title: 'Not Found', detail: 'There is nothing here.' }, id)
 */
export function problemAnswer(problem: Problem, requestId: string, method = 'GET'): Response {
  const { type = 'about:blank', title, status, detail, violated, headers } = problem
  const document = {
    type,
    title,
    status,
    detail,
    instance: `urn:uuid:${requestId}`,
    ...(violated && { 'violated-policies': violated }),
  }
  const body = new TextEncoder().encode(JSON.stringify(document))
  return new Response(method === 'HEAD' ? null : body, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      // A server may announce the end of a connection only with a response that has a length.
      'content-length': String(body.byteLength),
      'cache-control': 'no-store',
      ...headers,
    },
  })
}

/**
 * Value of `Retry-After`: whole seconds, never earlier than given, so that no retry comes too early; later by up to a
 * quarter, so that clients refused together do not return together.
 *
 * @param ms minimum delay, milliseconds
 * @param random 0 up to 1
 * @returns 1 or more
 * @see RFC 9110, section 10.2.3
 */
function retryAfter(ms: number, random: number): number {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  return seconds + Math.floor((seconds / 4 + 1) * random)
}

const types = 'https://iana.org/assignments/http-problem-types#'

const details: Readonly<Record<RefusalWhy, string>> = {
  waiting: 'Too many of your requests are waiting. Come back later.',
  wait: 'Your request would wait too long. Come back later.',
  group: 'Too many requests of your network are waiting. Come back later.',
  slots: 'All slots stayed in use while the request waited. Come back later.',
  total: 'Too many requests are waiting. Come back later.',
  keys: 'Too many clients are being served. Come back later.',
  store: 'No request can be admitted at the moment. Come back later.',
  closed: 'The server is about to stop. Come back later.',
}

/** Names of the policies in the rate limit fields; absent when the caller's limits are not the cause. */
const violated: Readonly<Partial<Record<RefusalWhy, readonly string[]>>> = {
  waiting: ['pending'],
  wait: ['queue'],
  group: ['pending'],
}

/**
 * Response to a request that the queue refused: 429 when the caller's limits are reached, else 503.
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

const unavailableMs = 2000

const rejectionDetails: Readonly<Partial<Record<DecisionReason, string>>> = {
  INVALID_TOKEN: 'The token is not valid. Send another one, or none.',
  MALFORMED_CREDENTIAL: 'The credential has no usable form. Send "Authorization: Bearer <token>".',
  MULTIPLE_CREDENTIALS: 'The request has more than one credential. Send one.',
}

/**
 * Response to a request that the decision rejected. It never says why a token is invalid, and contains nothing of it.
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
    detail: rejectionDetails[decision.reason] ?? 'The credential cannot be used.',
    headers: { 'www-authenticate': challenge(realm, bad ? 'invalid_request' : 'invalid_token') },
  }
}

/** For the log only: the client disconnected. The status is not registered, but widely used for this. */
export const goneProblem: Problem = {
  status: 499,
  title: 'Client Closed Request',
  detail: 'The client closed the request before it was answered.',
}

/** The slot was lost while the client still waited. */
export const lostProblem: Problem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The request lost its slot while it was answered. Try again.',
  headers: { 'retry-after': '1' },
}

/** Methods that the gateway passes on. Others, such as PURGE and TRACE, are for caches and debuggers only. */
export const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

/** The method is not in {@link methods}. */
export const methodProblem: Problem = {
  status: 405,
  title: 'Method Not Allowed',
  detail: `Use one of ${[...methods].join(', ')}.`,
  headers: { allow: [...methods].join(', ') },
}

/** Servers interpret the path differently; see `parseTarget`. */
export const targetProblem: Problem = {
  status: 400,
  title: 'Bad Request',
  detail:
    'The path has a dot segment, a backslash or a control character in an encoded form, or an invalid percent encoding. Send the path without them.',
}

/** The service does not accept `%2F`. */
export const encodedSlashProblem: Problem = {
  status: 400,
  title: 'Bad Request',
  detail: 'The path has an encoded slash (%2F), which this service does not accept.',
}

/** No service has the path. */
export const notFoundProblem: Problem = {
  status: 404,
  title: 'Not Found',
  detail: 'No service has this path.',
}
