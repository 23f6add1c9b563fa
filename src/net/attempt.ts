import { alarm, orAborted, type Clock } from '../core/index.ts'
import { withCredential } from '../address/index.ts'
import { networkError, noAnswer, timeoutError } from './errors.ts'
import type { CallOptions, Backoff } from './backoff.ts'

/**
 * Detects stalls. A timer for each of the thousands of reads of a body would cost a third of the speed. So one timer
 * runs at a time, and checks when it fires.
 */
class StallWatch {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #stalled: () => void
  readonly #closed = new AbortController()
  #waitingSince: number | undefined
  #watching = false

  /**
   * @param limitMs longest wait, milliseconds
   * @param stalled called when a wait lasts longer
   */
  constructor(clock: Clock, limitMs: number, stalled: () => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#stalled = stalled
  }

  /** Starts a wait. */
  begin(): void {
    this.#waitingSince = this.#clock.now()
    if (!this.#watching) this.#watch(this.#limitMs)
  }

  /** Ends a wait. */
  end(): void {
    this.#waitingSince = undefined
  }

  /** Stops the watch. */
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
    // The clock was set back.
    if (left > this.#limitMs) this.begin()
    else if (left > 0) this.#watch(left)
    else this.#stalled()
  }
}

/** Length of a connection's buffer, bytes: browsers seldom hold more ready. */
const bufferLength = 2 ** 18

interface Watch {
  /** Whether the parts of the body may share one buffer. */
  readonly reuse: boolean
  /** Aborting it ends the request; its reason becomes the body's error. */
  readonly connection: AbortController
  readonly clock: Clock
  readonly stallMs: number
  /** Called when the body has ended in any way. */
  readonly release: () => void
  readonly url: string
}

/** The same response with a body that errors when it stalls, and that closes the connection when cancelled. */
function watchedBody(response: Response, watch: Watch): Response {
  const { connection, clock, stallMs, release, url, reuse } = watch
  const reader = readerOf(response.body as ReadableStream<Uint8Array<ArrayBuffer>>, reuse)
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
        // Rejects when the abort came first; the connection is closed in both cases.
        await reader.cancel(reason).catch(() => {})
      },
    },
    // Nothing is read ahead, so back-pressure reaches the network.
    { highWaterMark: 0 },
  )
  const { status, statusText, headers } = response
  const watched = new Response(body, { status, statusText, headers })
  // A constructed Response has no URL; relative links in headers need the original one.
  return Object.defineProperties(watched, {
    url: { value: response.url },
    redirected: { value: response.redirected },
    type: { value: response.type },
  })
}

/** The part of a reader that is used here. */
type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, 'read' | 'cancel'>

/** @param reuse whether all parts come in one buffer, where the browser can do that */
function readerOf(body: ReadableStream<Uint8Array<ArrayBuffer>>, reuse: boolean): BodyReader {
  if (!reuse) return body.getReader()
  let reader: ReadableStreamBYOBReader
  try {
    reader = body.getReader({ mode: 'byob' })
  } catch {
    return body.getReader()
  }
  let buffer = new ArrayBuffer(bufferLength)
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(buffer))
      if (done || !value) return { done: true, value: undefined }
      buffer = value.buffer
      return { done, value }
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

/** A response without its body. */
export interface ResponseHead extends Pick<
  Response,
  'status' | 'statusText' | 'url' | 'redirected' | 'type'
> {
  readonly headers: readonly (readonly [string, string])[]
}

export interface AttemptRequest {
  /** Sent unchanged, unless the credential has a URL of its own; only its fragment is replaced. */
  readonly url: string
  /** `Authorization` is a credential as `joinCredential` makes it. */
  readonly init?: RequestInit
  /** Timeout of its response headers, milliseconds. Default: that of the retry policy. */
  readonly firstByteMs?: number | undefined
  /** Whether the parts of a 2xx body may share one buffer: each is valid until the next one is read. Absent: no. */
  readonly reuse?: boolean
  /** Whether it may wait for a free connection to its host, because others fetch many bytes there. */
  readonly mayQueue?: boolean
}

/**
 * One HTTP request that always ends, sent when its server's pause is over. The response, with any status, has a body
 * that errors when it stalls; while it is not read, nothing counts as a stall. Aborting or cancelling ends the
 * request itself.
 *
 * Credentials, referrer and HTTP cache are off unless `init` sets them: modelferry stores what it fetches here, and
 * the use of a signed URL must not reveal the page.
 *
 * @throws FerryError `timeout` (retryable) when headers or bytes do not come in time
 * @throws FerryError `network` (retryable) when there is no response, or an incomplete one
 * @throws the signal's reason when the caller aborts
 * @example await attempt(net, { url }, { signal })
 */
export async function attempt(
  net: Net,
  request: AttemptRequest,
  options: CallOptions = {},
): Promise<Response> {
  options.signal?.throwIfAborted()
  return await net.backoff.through(request.url, options, () => once(net, request, options))
}

async function once(
  { fetch, clock, retry, backoff, endpoint = (url) => url }: Net,
  request: AttemptRequest,
  { signal, waiting }: CallOptions,
): Promise<Response> {
  signal?.throwIfAborted()
  const { stallMs } = retry
  const { firstByteMs = retry.firstByteMs } = request
  const [named, own] = withCredential(request.url.split('#', 1)[0] ?? '', request.init)
  const address = endpoint(named)
  // Errors name the server that was really asked.
  const url = endpoint(request.url)
  const connection = new AbortController()
  const follow = (): void => connection.abort(signal?.reason)
  signal?.addEventListener('abort', follow, { once: true })
  const patience = waiting ? backoff.patience(url, retry.silentMs, request.mayQueue) : Infinity
  const done = backoff.opened(url)
  const release = (): void => {
    done()
    signal?.removeEventListener('abort', follow)
  }
  const askedAt = clock.now()
  const silent = (): void =>
    waiting?.(clock.now() + patience, timeoutError('No answer came', patience, url, noAnswer))
  const late = (): void => connection.abort(timeoutError('No answer came', firstByteMs, url))
  const timers = [alarm(clock, firstByteMs, late)]
  if (patience < firstByteMs) timers.push(alarm(clock, patience, silent))
  try {
    const answer = fetch(address + ownFragment, { ...quiet, ...own, signal: connection.signal })
    const response = await orAborted(answer, connection.signal)
    backoff.answered(url, clock.now() - askedAt)
    // Chromium gives a response without a body an empty one, and `new Response` rejects that.
    if (response.body !== null && ![204, 205, 304].includes(response.status)) {
      // Other bodies are read as text, which may keep the parts.
      const reuse = response.ok && request.reuse === true
      return watchedBody(response, { connection, clock, stallMs, release, url, reuse })
    }
    release()
    return response
  } catch (error) {
    release()
    throw networkError(error, connection.signal, url)
  } finally {
    for (const cancel of timers) cancel()
  }
}

const quiet: RequestInit = {
  credentials: 'omit',
  referrerPolicy: 'no-referrer',
  cache: 'no-store',
  redirect: 'follow',
}

/** The environment of every call, injected so that the code runs in any realm and in tests. */
export interface Net {
  readonly fetch: Fetch
  readonly clock: Clock
  /** 0 inclusive to 1 exclusive, as `Math.random`. */
  readonly random: () => number
  readonly retry: RetryPolicy
  /** The realm's back-off, through which every request goes. */
  readonly backoff: Backoff
  /**
   * Settles when the device is online; at once when it is, or when its state is unknown. Set it for calls that a
   * transfer requires. Without it, tries are used up during an outage.
   */
  readonly online?: (signal?: AbortSignal) => Promise<void>
  /** The address that is asked in place of a URL. Default: the URL itself. */
  readonly endpoint?: (url: string) => string
}

/** `fetch` as it is injected: always a URL, never a `Request` (a signed URL stays a string). */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** Limits of retries. It is plain data; retry.ts applies it. */
export interface RetryPolicy {
  /** Tries of one request, the first included. */
  readonly attempts: number
  /**
   * How long a download survives without a network, milliseconds: requests without any response are retried until
   * then, regardless of the number of tries. A longer pause by a server counts as a failure.
   */
  readonly outageMs: number
  /** Renewals of one block's URLs without a byte of progress in between. */
  readonly renewals: number
  /** Upper end of the first random wait, milliseconds; doubles with every try. */
  readonly delayMs: number
  /** Longest wait between two tries, milliseconds, unless the server asks for more. */
  readonly maxDelayMs: number
  /**
   * Longest wait that a server may ask for (`Retry-After`, `RateLimit`), milliseconds. Such waits do not count as
   * tries; all waits of one request together last at most `attempts` times as long.
   */
  readonly maxWaitMs: number
  /** A page's request that would wait longer for its headers gets the server's refusal, milliseconds. */
  readonly patienceMs: number
  /** A body without a byte for this time is aborted, milliseconds. */
  readonly stallMs: number
  /** A request without headers for this time is aborted, milliseconds. */
  readonly firstByteMs: number
  /**
   * Shortest time without headers after which a host counts as unreachable for a page that has got nothing yet, so that
   * its own request is made, milliseconds. It is longer where hosts take long to answer.
   */
  readonly silentMs: number
}

/**
 * A download survives five minutes offline, with one minute for the attempts after it. A request to a hub fails after
 * about two.
 */
export const defaultRetry: RetryPolicy = {
  attempts: 6,
  outageMs: 360_000,
  renewals: 2,
  delayMs: 500,
  maxDelayMs: 30_000,
  maxWaitMs: 10 * 60_000,
  patienceMs: 25_000,
  stallMs: 20_000,
  firstByteMs: 20_000,
  silentMs: 2000,
}

/**
 * Marks every URL that modelferry itself requests. Fragments are never sent to a server, but the page's service
 * worker sees them and ignores such requests. Otherwise it would answer its own engine.
 */
export const ownFragment = '#modelferry'
