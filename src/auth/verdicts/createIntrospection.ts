import { FerryError } from '../../core/FerryError.ts'
import { systemClock } from '../../core/systemClock.ts'
import { checkCredentials } from '../service/checkCredentials.ts'
import { inTime } from '../service/inTime.ts'
import { readBounded } from '../service/readBounded.ts'
import { signRequest } from '../service/signRequest.ts'
import { tell } from '../service/tell.ts'
import { checkServiceUrl } from './checkServiceUrl.ts'
import { createBreaker } from './createBreaker.ts'
import type { IntrospectionOptions } from './IntrospectionOptions.ts'
import { readIntrospection } from './readIntrospection.ts'
import { readRetryAfter } from './readRetryAfter.ts'
import type { TimedVerdict } from './TimedVerdict.ts'

const probeMs = 1000

/**
 * Validates tokens by asking a central service, `POST /v1/introspect`. Whatever is not a proper answer (an outage,
 * 429, a refusal of our own credential, nonsense) is `unavailable`: it says nothing about the token. Put a verdict
 * cache in front of it.
 *
 * @returns a validator that never rejects, and whose verdicts say how long they can be used
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
      const retryAfterMs = readRetryAfter(headers.get('retry-after'), clock.now(), maxRetryAfterMs)
      return { state: 'unavailable', ...(retryAfterMs !== undefined && { retryAfterMs }) }
    }
    const bytes = await readBounded(response.body, maxBytes, signal)
    const read = bytes === null ? { fault: 'it is too large' } : readIntrospection(bytes)
    if ('verdict' in read) return read.verdict
    tell(onFailure, oddAnswer(read.fault, url))
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
  const ours = status === 401 || status === 403
  const advice = ours
    ? 'Check the service credential and both clocks.'
    : 'Tokens wait until it does.'
  return new FerryError(
    ours ? 'unauthorized' : 'http',
    `The introspection endpoint answered status ${status} instead of 200. ${advice}`,
    { status, url, retryable: !ours },
  )
}

function oddAnswer(fault: string, url: string): FerryError {
  return new FerryError(
    'protocol',
    `The answer of the introspection endpoint does not follow the protocol: ${fault}. Check the address and what runs there.`,
    { url },
  )
}

/** The error itself is dropped: what threw it has seen the token. */
function noAnswer(error: unknown, url: string): FerryError {
  const late = error instanceof FerryError && error.code === 'timeout'
  return new FerryError(
    late ? 'timeout' : 'network',
    `The introspection endpoint gave no ${late ? 'answer in time' : 'whole answer'}. Check that it runs and can be reached.`,
    { url, retryable: true },
  )
}
