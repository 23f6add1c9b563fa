import { FerryError } from '../../core/FerryError.ts'
import type { Clock } from '../../core/Clock.ts'
import type { Fetch } from '../../net/Fetch.ts'
import { checkCredentials } from '../service/checkCredentials.ts'
import { readBounded } from '../service/readBounded.ts'
import type { ServiceCredential } from '../service/ServiceCredential.ts'
import { signRequest } from '../service/signRequest.ts'
import { checkServiceUrl } from './checkServiceUrl.ts'

const maxBytes = 2_097_152

/** Where a feed is. */
interface FeedAddress {
  readonly url: string
  readonly credential: ServiceCredential
  readonly fetch?: Fetch
}

/**
 * Polls a revocation feed by its address, with a signed GET.
 *
 * @returns a function that gives the JSON of one poll, or throws a FerryError that says what is wrong
 * @throws FerryError `configuration`
 */
export function pollAddress(
  address: FeedAddress,
  clock: Pick<Clock, 'now'>,
): (signal: AbortSignal) => Promise<unknown> {
  const { url, credential } = address
  checkServiceUrl('The revocation feed', url)
  checkCredentials([credential])
  const fetch = address.fetch ?? ((target, init) => globalThis.fetch(target, init))
  return async (signal) => {
    const signed = signRequest({ method: 'GET', url }, credential, { clock })
    const headers = { ...signed, accept: 'application/json', 'cache-control': 'no-cache' }
    const response = await fetch(url, { headers, signal, redirect: 'manual' })
    const { status } = response
    if (status !== 200) {
      response.body?.cancel().catch(() => undefined)
      const message = `The revocation feed answered status ${status} instead of 200. Check its address and the service credential.`
      throw new FerryError(status === 401 ? 'unauthorized' : 'http', message, { status, url })
    }
    const bytes = await readBounded(response.body, maxBytes, signal)
    try {
      if (bytes !== null) return JSON.parse(new TextDecoder().decode(bytes)) as unknown
    } catch {
      // Said below, without the parser's quotation.
    }
    const fault = bytes === null ? `is larger than ${maxBytes} bytes` : 'is not JSON'
    throw new FerryError('protocol', `The revocation feed ${fault}. Check its address.`, { url })
  }
}
