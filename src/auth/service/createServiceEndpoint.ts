import { FerryError } from '../../core/FerryError.ts'
import { systemClock } from '../../core/systemClock.ts'
import { inTime } from './inTime.ts'
import { problemAnswer } from './problemAnswer.ts'
import type { Verification } from './RequestVerifier.ts'
import { readMember } from './readMember.ts'
import { retryAfterSeconds } from './retryAfterSeconds.ts'
import type { ServiceAudit, ServiceResult } from './ServiceAudit.ts'
import type { ServiceEndpointOptions } from './ServiceEndpointOptions.ts'

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
