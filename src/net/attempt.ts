import type { CallOptions } from './CallOptions.ts'
import type { Net } from './Net.ts'
import { networkError } from './networkError.ts'
import { orAborted } from './orAborted.ts'
import { ownFragment } from './ownFragment.ts'
import { timeoutError } from './timeoutError.ts'
import { watchedBody } from './watchedBody.ts'
import { within } from './within.ts'

export interface AttemptRequest {
  /** Sent exactly as it is; only its fragment is replaced. */
  readonly url: string
  readonly init?: RequestInit
  /** How long its answer may take to begin, milliseconds. Default: what the retry policy says. */
  readonly firstByteMs?: number | undefined
}

/**
 * One HTTP request that always ends, made when its server wants to be asked again. The answer, whatever its
 * status, comes with a body that errors when it stalls; while nobody reads, nothing counts as a stall. Ending
 * either way ends the request itself.
 *
 * Credentials, referrer and HTTP cache are off unless `init` says otherwise: what is fetched here is kept
 * by modelferry, and signed URLs tell nobody where they were used.
 *
 * @throws FerryError `timeout` (retryable) when headers or bytes do not come in time
 * @throws FerryError `network` (retryable) when there is no answer, or one that is cut
 * @throws the signal's reason when the caller aborts
 * @example await attempt(net, { url }, { signal })
 */
export async function attempt(
  net: Net,
  request: AttemptRequest,
  options: CallOptions = {},
): Promise<Response> {
  options.signal?.throwIfAborted()
  return await net.backoff.through(request.url, options, () => once(net, request, options.signal))
}

async function once(
  { fetch, clock, retry }: Net,
  request: AttemptRequest,
  signal: AbortSignal | undefined,
): Promise<Response> {
  signal?.throwIfAborted()
  const { stallMs } = retry
  const { url, firstByteMs = retry.firstByteMs } = request
  const connection = new AbortController()
  const follow = (): void => connection.abort(signal?.reason)
  signal?.addEventListener('abort', follow, { once: true })
  const release = (): void => signal?.removeEventListener('abort', follow)
  const late = (): void => connection.abort(timeoutError('No answer began', firstByteMs, url))
  try {
    const init = { ...quiet, ...request.init, signal: connection.signal }
    const answer = fetch(url.split('#', 1)[0] + ownFragment, init)
    const response = await within(clock, firstByteMs, late, orAborted(answer, connection.signal))
    if (response.body !== null) {
      return watchedBody(response, { connection, clock, stallMs, release, url })
    }
    release()
    return response
  } catch (error) {
    release()
    throw networkError(error, connection.signal, url)
  }
}

const quiet: RequestInit = {
  credentials: 'omit',
  referrerPolicy: 'no-referrer',
  cache: 'no-store',
  redirect: 'follow',
}
