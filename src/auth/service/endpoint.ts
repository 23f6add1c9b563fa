// An endpoint that other services ask by signed requests: verification, time limits, audit.
import { type Clock, FerryError, inTime, systemClock } from '../../core/index.ts'
import type { RequestVerifier, Verification } from './verifier.ts'

/** Options of every endpoint for services. */
export interface ServiceEndpointOptions {
  /** Authenticates the caller; see `createRequestVerifier`. */
  readonly verify: RequestVerifier
  /**
   * Rate limit by the caller's key id: null to continue, or milliseconds until a retry. It must bound its own memory;
   * it is called for authenticated callers only. Default: no limit.
   */
  readonly admit?: (keyId: string) => number | null
  /** Called for every call before it is answered. When it throws, the call is answered with 503. */
  readonly audit?: (event: ServiceAudit) => void
  readonly clock?: Clock
  /** Time to receive a body, and time to find the answer; milliseconds each. Default: 5000. */
  readonly timeoutMs?: number
  /** Largest body, bytes. Default: 2048. */
  readonly maxBytes?: number
}

/** How a call of a service endpoint ended. `late`: its body did not arrive in time. */
export type ServiceResult =
  | 'active'
  | 'inactive'
  | 'known'
  | 'unknown'
  | 'malformed'
  | 'method'
  | 'unauthenticated'
  | 'too-large'
  | 'late'
  | 'limited'
  | 'unavailable'

/** One call of a service endpoint, for the audit log. It holds nothing that the caller sent. */
export interface ServiceAudit {
  readonly event: 'service.introspect' | 'service.site-lookup'
  /** Epoch milliseconds. */
  readonly at: number
  /** Key id of the caller, when it is authenticated. */
  readonly keyId: string | null
  readonly result: ServiceResult
  /** HTTP status of the answer. */
  readonly status: number
  /** Names the token in question: its key id, else the first 8 hex digits of its SHA-256. */
  readonly tokenKeyId: string | null
}

/** Result of a question to an endpoint. */
export type ServiceFinding =
  | {
      readonly result: ServiceResult
      readonly json: Readonly<Record<string, unknown>>
      readonly tokenKeyId?: string
    }
  | { readonly unavailableMs: number; readonly tokenKeyId?: string }

/** The specific part of an endpoint. */
export interface ServiceQuestion {
  readonly event: ServiceAudit['event']
  /** Name of the member in the form or JSON object. */
  readonly member: string
  /** @param value of the member; null when it could not be read */
  find(text: string | null): Promise<ServiceFinding>
}

type Caller = Verification | { readonly state: 'late' } | { readonly state: 'unavailable' }

const challenge = 'Modelferry-HMAC-SHA256 realm="modelferry"'

const defaultRetryMs = 5000

/**
 * Makes an endpoint for services: bounded, authenticated, rate limited by caller, audited, never cached. It accepts any
 * path; the signature covers the path, so a request that was signed for another path is refused.
 *
 * @returns a handler that never rejects
 */
export function createServiceEndpoint(
  options: ServiceEndpointOptions,
  question: ServiceQuestion,
): (request: Request) => Promise<Response> {
  const { verify, admit, audit, clock = systemClock, timeoutMs = 5000, maxBytes = 2048 } = options

  const callerOf = async (request: Request): Promise<Caller> => {
    try {
      return await inTime(clock, timeoutMs, (signal) => verify(request, { maxBytes, signal }))
    } catch (error) {
      const late = error instanceof FerryError && error.code === 'timeout'
      return { state: late ? 'late' : 'unavailable' }
    }
  }

  const handle = async (request: Request): Promise<Response> => {
    const done = (
      answer: Response,
      result: ServiceResult,
      keyId: string | null = null,
      tokenKeyId: string | null = null,
    ): Response => {
      const { status } = answer
      audit?.({ event: question.event, at: clock.now(), keyId, result, status, tokenKeyId })
      return answer
    }
    if (request.method !== 'POST') return done(wrongMethod(), 'method')
    const caller = await callerOf(request)
    if (caller.state === 'late') return done(late(), 'late')
    if (caller.state === 'unavailable') return done(unavailable(defaultRetryMs), 'unavailable')
    if (caller.state === 'too-large') return done(tooLarge(maxBytes), 'too-large')
    if (caller.state === 'refused') return done(unauthenticated(), 'unauthenticated')
    const { keyId, body } = caller
    const wait = admit?.(keyId) ?? null
    if (wait !== null) return done(limited(wait), 'limited', keyId)
    const text = readMember(body, request.headers.get('content-type'), question.member)
    const found = await inTime(clock, timeoutMs, () => question.find(text)).catch(
      (): ServiceFinding => ({ unavailableMs: defaultRetryMs }),
    )
    if ('unavailableMs' in found) {
      return done(unavailable(found.unavailableMs), 'unavailable', keyId, found.tokenKeyId)
    }
    return done(ok(found.json), found.result, keyId, found.tokenKeyId)
  }

  return async (request) => {
    try {
      return await handle(request)
    } catch {
      return unavailable(defaultRetryMs)
    }
  }
}

/**
 * A refusal as a problem document (RFC 9457). It repeats no part of the request.
 *
 * @param detail what the caller can do
 * @param headers besides content type and cache control
 */
function problemAnswer(
  status: number,
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title, status, detail }), {
    status,
    headers: {
      ...headers,
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    },
  })
}

/**
 * Reads one text member of a small form or JSON object.
 *
 * @param body whole
 * @param contentType with or without parameters
 * @param name of the member
 * @returns null when the body is neither, or does not hold exactly one such text
 */
export function readMember(
  body: Uint8Array,
  contentType: string | null,
  name: string,
): string | null {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    if (type === 'application/x-www-form-urlencoded') {
      const values = new URLSearchParams(text).getAll(name)
      return values.length === 1 ? (values[0] ?? null) : null
    }
    if (type !== 'application/json') return null
    const json: unknown = JSON.parse(text)
    if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return null
    const value = (json as Record<string, unknown>)[name]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

const mostSeconds = 3600

/**
 * Value of `Retry-After` (RFC 9110, section 10.2.3) for a delay: whole seconds, rounded up, 1 to 3600.
 *
 * @param ms milliseconds; NaN counts as 0
 */
function retryAfterSeconds(ms: number): string {
  const seconds = Number.isNaN(ms) ? 1 : Math.ceil(ms / 1000)
  return `${Math.min(mostSeconds, Math.max(1, seconds))}`
}

function ok(json: Readonly<Record<string, unknown>>): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return new Response(JSON.stringify(json), { headers })
}

function wrongMethod(): Response {
  return problemAnswer(405, 'Method not allowed', 'Send a POST.', { allow: 'POST' })
}

function late(): Response {
  return problemAnswer(408, 'Request timeout', 'The body did not arrive in time. Send it again.')
}

function tooLarge(maxBytes: number): Response {
  return problemAnswer(413, 'Content too large', `Send at most ${maxBytes} bytes.`)
}

function unauthenticated(): Response {
  const detail = 'Sign each request once with an active service key, and check your clock.'
  return problemAnswer(401, 'Unauthorized', detail, { 'www-authenticate': challenge })
}

function limited(waitMs: number): Response {
  const headers = { 'retry-after': retryAfterSeconds(waitMs) }
  return problemAnswer(429, 'Too many requests', 'Come back after Retry-After seconds.', headers)
}

function unavailable(waitMs: number): Response {
  const headers = { 'retry-after': retryAfterSeconds(waitMs) }
  const detail = 'The request cannot be answered now. Try again after Retry-After seconds.'
  return problemAnswer(503, 'Service unavailable', detail, headers)
}
