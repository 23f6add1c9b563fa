import { type Clock, FerryError, inTime, systemClock } from '../../core/index.ts'
import type { RequestVerifier, Verification } from './verifier.ts'

/** What every endpoint for services is made with. */
export interface ServiceEndpointOptions {
  /** Says who is calling; see `createRequestVerifier`. */
  readonly verify: RequestVerifier
  /**
   * Whether a caller may go on now, by its key id: null, or milliseconds until it may. Must be bounded by
   * itself; it is only asked about callers that have proven who they are. Default: everyone may.
   */
  readonly admit?: (keyId: string) => number | null
  /** Told of every call, before it is answered; when it throws, the call is answered with 503. */
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

/** One call of a service endpoint, for the audit log. Holds no token text and nothing else the caller sent. */
export interface ServiceAudit {
  readonly event: 'service.introspect' | 'service.site-lookup'
  /** Epoch milliseconds. */
  readonly at: number
  /** Key id of the caller, when it has proven itself. */
  readonly keyId: string | null
  readonly result: ServiceResult
  /** Of the answer. */
  readonly status: number
  /** Names the token that was asked about: its key id, else the first 8 hex digits of its SHA-256. */
  readonly tokenKeyId: string | null
}

/**
 * A refusal as problem document (RFC 9457). It says nothing that came with the request.
 *
 * @param detail what to do about it
 * @param headers besides content type and cache control
 */
export function problemAnswer(
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
 * Reads one text out of a small form or JSON object.
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
 * @param ms milliseconds; what is no number counts as none
 */
export function retryAfterSeconds(ms: number): string {
  const seconds = Number.isNaN(ms) ? 1 : Math.ceil(ms / 1000)
  return `${Math.min(mostSeconds, Math.max(1, seconds))}`
}

/** What an endpoint found out. */
export type ServiceFinding =
  | {
      readonly result: ServiceResult
      readonly json: Readonly<Record<string, unknown>>
      readonly tokenKeyId?: string
    }
  | { readonly unavailableMs: number; readonly tokenKeyId?: string }

/** What one endpoint does beyond what all of them do. */
export interface ServiceQuestion {
  readonly event: ServiceAudit['event']
  /** The text a caller asks about, in a form or a JSON object. */
  readonly member: string
  /** Answers about it; null when there was none to read. */
  find(text: string | null): Promise<ServiceFinding>
}

type Caller = Verification | { readonly state: 'late' } | { readonly state: 'unavailable' }

const challenge = 'Modelferry-HMAC-SHA256 realm="modelferry"'
const defaultRetryMs = 5000

/**
 * An endpoint for services: bounded, authenticated, limited by caller, audited, never cached. The path is the
 * business of whoever routes to it; a signature covers it, so one for another path is refused.
 *
 * @returns a handler that always answers
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
  const detail = 'Sign the request with an active service key, within its time and once.'
  return problemAnswer(401, 'Unauthorized', detail, { 'www-authenticate': challenge })
}

function limited(waitMs: number): Response {
  const headers = { 'retry-after': retryAfterSeconds(waitMs) }
  return problemAnswer(429, 'Too many requests', 'Come back after Retry-After seconds.', headers)
}

function unavailable(waitMs: number): Response {
  const headers = { 'retry-after': retryAfterSeconds(waitMs) }
  const detail = 'The answer cannot be had now; it says nothing about what was asked.'
  return problemAnswer(503, 'Service unavailable', detail, headers)
}
