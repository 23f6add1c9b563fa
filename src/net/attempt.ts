import { type Clock, orAborted, within } from '../core/index.ts'
import { networkError, timeoutError } from './errors.ts'
import { ownFragment, type Net } from './net.ts'
import type { CallOptions } from './backoff.ts'

/**
 * Notices when something that should come does not. A timer for each of the thousands of reads of a body
 * would cost a third of the speed, so one runs at a time, and what it finds on waking decides.
 */
export class StallWatch {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #stalled: () => void
  readonly #closed = new AbortController()
  #waitingSince: number | undefined
  #watching = false

  /**
   * @param limitMs how long a wait may last, milliseconds
   * @param stalled called when one lasts longer
   */
  constructor(clock: Clock, limitMs: number, stalled: () => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#stalled = stalled
  }

  /** A wait begins. */
  begin(): void {
    this.#waitingSince = this.#clock.now()
    if (!this.#watching) this.#watch(this.#limitMs)
  }

  /** What was waited for has come. */
  end(): void {
    this.#waitingSince = undefined
  }

  /** Nothing will be waited for any more. */
  close(): void {
    this.end()
    this.#closed.abort()
  }

  #watch(ms: number): void {
    this.#watching = true
    this.#clock.sleep(ms, this.#closed.signal).then(
      () => this.#wake(),
      () => {},
    )
  }

  #wake(): void {
    this.#watching = false
    if (this.#waitingSince === undefined) return
    const left = this.#waitingSince + this.#limitMs - this.#clock.now()
    if (left > 0) this.#watch(left)
    else this.#stalled()
  }
}

interface Watch {
  /** Aborting it ends the request; its reason becomes the body's error. */
  readonly connection: AbortController
  readonly clock: Clock
  readonly stallMs: number
  /** Called when the body has ended in whatever way. */
  readonly release: () => void
  readonly url: string
}

/** The same answer with a body that errors when it stalls, and that ends the connection when cancelled. */
export function watchedBody(response: Response, watch: Watch): Response {
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader()
  const { connection, clock, stallMs, release, url } = watch
  const stalls = new StallWatch(clock, stallMs, () =>
    connection.abort(timeoutError('No byte came', stallMs, url)),
  )
  const finish = (): void => {
    stalls.close()
    release()
  }
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const fail = (): void => {
          finish()
          controller.error(connection.signal.reason)
        }
        connection.signal.addEventListener('abort', fail, { once: true })
      },
      async pull(controller) {
        try {
          stalls.begin()
          const { done, value } = await reader.read()
          stalls.end()
          if (!done) return controller.enqueue(value)
          finish()
          controller.close()
        } catch (error) {
          finish()
          controller.error(networkError(error, connection.signal, url))
        }
      },
      async cancel(reason) {
        finish()
        connection.abort(reason)
        // Rejects where the abort was faster; either way the connection is gone.
        await reader.cancel(reason).catch(() => {})
      },
    },
    // Nothing is read ahead: memory and back-pressure stay with whoever reads.
    { highWaterMark: 0 },
  )
  const { status, statusText, headers } = response
  const watched = new Response(body, { status, statusText, headers })
  // A made Response has no address; relative links in headers need the one that answered.
  return Object.defineProperties(watched, {
    url: { value: response.url },
    redirected: { value: response.redirected },
    type: { value: response.type },
  })
}

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
