// Asks another service whether a token is valid (RFC 7662), with a circuit breaker.
import * as v from 'valibot'
import {
  type Clock,
  FerryError,
  inTime,
  parseRetryAfter,
  readBounded,
  systemClock,
  tell,
} from '../../core/index.ts'
import {
  checkCredentials,
  signRequest,
  type ServiceCredential,
  type SignOptions,
} from '../service/signatures.ts'
import { plainText, type TimedVerdict } from '../token-validation.ts'
import type { Fetch } from '../../net/index.ts'

/** Options of {@link createIntrospection}. */
export interface IntrospectionOptions {
  /** Absolute address of the endpoint, `https://auth.example/v1/introspect`. */
  readonly url: string
  /** Key with which this service authenticates. */
  readonly credential: ServiceCredential
  readonly fetch?: Fetch
  readonly clock?: Clock
  readonly nonce?: SignOptions['nonce']
  /** Timeout of one request with its retry, milliseconds. Default: 2000. */
  readonly timeoutMs?: number
  /** Failures in a row that open the circuit. Default: 5. */
  readonly failures?: number
  /** Time for which the circuit stays open, milliseconds. Default: 10000. */
  readonly openMs?: number
  /** Largest answer, bytes. Default: 65536. */
  readonly maxBytes?: number
  /** Longest accepted `Retry-After`, milliseconds. Default: 300000. */
  readonly maxRetryAfterMs?: number
  /** Called when a request was not answered; the error holds no token. */
  readonly onFailure?: (error: FerryError) => void
}

const probeMs = 1000

/**
 * Validates tokens by asking a central service, `POST /v1/introspect`. Everything but a proper answer (an outage,
 * 429, a refusal of the service credential, an unreadable body) is `unavailable`: it says nothing about the token.
 * Put a verdict cache in front of it.
 *
 * @param options `url` and `credential` are required
 * @returns a validator that never rejects, and whose verdicts say how long they may be cached
 * @throws FerryError `configuration` when the address or the credential cannot work
 * @example
 * const validate = createVerdictCache(createIntrospection({ url, credential }))
 */
export function createIntrospection(
  options: IntrospectionOptions,
): (token: string, digest: string) => Promise<TimedVerdict> {
  const { url, credential, clock = systemClock, timeoutMs = 2000, failures = 5 } = options
  const { openMs = 10_000, maxBytes = 65_536, maxRetryAfterMs = 300_000, onFailure } = options
  const fetch = options.fetch ?? ((address, init) => globalThis.fetch(address, init))
  checkServiceUrl('The introspection endpoint', url)
  checkCredentials([credential])
  const breaker = createBreaker(clock, failures, openMs, probeMs)

  const send = (body: string, signal: AbortSignal): Promise<Response> => {
    const { nonce } = options
    const signing = { clock, ...(nonce !== undefined && { nonce }) }
    const signed = signRequest({ method: 'POST', url, body }, credential, signing)
    const headers = { ...signed, 'content-type': 'application/json', accept: 'application/json' }
    // A redirect would carry the token to another address.
    return fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
  }

  const ask = async (token: string, signal: AbortSignal): Promise<TimedVerdict> => {
    const body = JSON.stringify({ token })
    const response = await send(body, signal).catch((error: unknown) => {
      if (signal.aborted) throw error
      return send(body, signal)
    })
    const { status, headers } = response
    if (status !== 200) {
      response.body?.cancel().catch(() => undefined)
      tell(onFailure, refusal(status, url))
      const waitMs = parseRetryAfter(headers.get('retry-after'), clock.now())
      if (waitMs === null) return { state: 'unavailable' }
      return { state: 'unavailable', retryAfterMs: Math.min(waitMs, maxRetryAfterMs) }
    }
    const bytes = await readBounded(response.body, maxBytes, signal)
    const read = bytes === null ? { fault: 'it is too large' } : readIntrospection(bytes)
    if ('verdict' in read) return read.verdict
    tell(onFailure, protocolError(read.fault, url))
    return { state: 'unavailable' }
  }

  return async (token) => {
    const waitMs = breaker.enter()
    if (waitMs !== null) return { state: 'unavailable', retryAfterMs: waitMs }
    try {
      const verdict = await inTime(clock, timeoutMs, (signal) => ask(token, signal))
      if (verdict.state === 'unavailable') breaker.failed()
      else breaker.succeeded()
      return verdict
    } catch (error) {
      breaker.failed()
      tell(onFailure, noAnswer(error, url))
      return { state: 'unavailable' }
    }
  }
}

function refusal(status: number, url: string): FerryError {
  const isCredentialRefused = status === 401 || status === 403
  const advice = isCredentialRefused
    ? 'Check the service credential and both clocks.'
    : 'Tokens cannot be checked until it does.'
  return new FerryError(
    isCredentialRefused ? 'unauthorized' : 'http',
    `The introspection endpoint answered status ${status} instead of 200. ${advice}`,
    { status, url, retryable: !isCredentialRefused },
  )
}

function protocolError(fault: string, url: string): FerryError {
  return new FerryError(
    'protocol',
    `The answer of the introspection endpoint does not follow the protocol: ${fault}. Check the address and what runs there.`,
    { url },
  )
}

/** The error itself is dropped: it may contain the token. */
function noAnswer(error: unknown, url: string): FerryError {
  const late = error instanceof FerryError && error.code === 'timeout'
  return new FerryError(
    late ? 'timeout' : 'network',
    `The introspection endpoint gave no ${late ? 'answer in time' : 'complete answer'}. Check that it runs and can be reached.`,
    { url, retryable: true },
  )
}

const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(8_640_000_000_000))

const schema = v.variant('active', [
  v.object({ active: v.literal(false) }),
  v.object({
    active: v.literal(true),
    sub: plainText,
    username: v.nullish(plainText),
    tier: v.nullish(plainText),
    // The size of the answer bounds their number.
    scope: v.nullish(v.array(plainText)),
    keyId: v.nullish(plainText),
    exp: v.nullish(seconds),
    cacheTtl: v.nullish(seconds),
  }),
])

/**
 * Reads the answer of an introspection endpoint.
 *
 * @param bytes of the body
 * @returns the verdict; or the member that does not follow the protocol, without its value
 */
export function readIntrospection(
  bytes: Uint8Array,
): { readonly verdict: TimedVerdict } | { readonly fault: string } {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return { fault: 'it is not JSON' }
  }
  const parsed = v.safeParse(schema, json, { abortEarly: true })
  if (!parsed.success) {
    const field = v.getDotPath(parsed.issues[0]) ?? 'the answer itself'
    return { fault: `${field} is invalid` }
  }
  const reply = parsed.output
  if (!reply.active) return { verdict: { state: 'invalid' } }
  const { sub, username, tier, scope, keyId, exp, cacheTtl } = reply
  return {
    verdict: {
      state: 'valid',
      sub,
      ...(username != null && { username }),
      ...(tier != null && { tier }),
      ...(scope != null && { scope }),
      ...(keyId != null && { keyId }),
      ...(exp != null && { expiresAt: exp * 1000 }),
      ...(cacheTtl != null && { maxAgeMs: cacheTtl * 1000 }),
    },
  }
}

/** Circuit breaker: stops requests to a service that does not answer. */
interface Breaker {
  /** @returns null when a request may be sent; else milliseconds until one may */
  enter(): number | null
  succeeded(): void
  failed(): void
}

/**
 * Makes a circuit breaker. It opens after a number of failures in a row. Later it admits one request as a probe,
 * whose outcome decides. Every admitted request must report its outcome.
 *
 * @param failures in a row that open it
 * @param openMs how long it stays open, milliseconds
 * @param probeMs reported as delay while the probe is under way, milliseconds
 */
export function createBreaker(
  clock: Pick<Clock, 'now'>,
  failures: number,
  openMs: number,
  probeMs: number,
): Breaker {
  let failed = 0
  let openUntil: number | null = null
  let probing = false
  return {
    enter: () => {
      if (openUntil === null) return null
      const left = openUntil - clock.now()
      if (left > 0) return left
      if (probing) return probeMs
      probing = true
      return null
    },
    succeeded: () => {
      failed = 0
      openUntil = null
      probing = false
    },
    failed: () => {
      failed += 1
      // Requests that were sent before it opened may fail later. They do not prolong it.
      if (probing || (openUntil === null && failed >= failures)) openUntil = clock.now() + openMs
      probing = false
    },
  }
}

/**
 * Checks the URL of a service.
 *
 * @param what subject of the message: "The introspection endpoint"
 * @throws FerryError `configuration`
 */
export function checkServiceUrl(what: string, url: unknown): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) {
    if (parsed.username === '' && parsed.password === '') return
    const advice = 'Services authenticate by a signature, not by user and password.'
    throw new FerryError('configuration', `${what} has user information in its URL. ${advice}`)
  }
  const advice = 'Give an absolute http or https URL.'
  throw new FerryError('configuration', `${what} has no usable URL. ${advice}`)
}
