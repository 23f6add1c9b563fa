import { FerryError, type FerryErrorCode } from './errors.ts'

/** Time as a value that tests can replace. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Waits; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/**
 * Waits; the wait can be aborted.
 *
 * @param ms milliseconds; 0 and less wait for the next task
 * @param signal ends the wait early
 * @throws the signal's reason, when it is or becomes aborted
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** The system clock. */
export const systemClock: Clock = { now: () => Date.now(), sleep }

/**
 * Waits for something that may never happen. The work itself goes on: it cannot be aborted.
 *
 * @param ms milliseconds
 * @param message what did not happen, and what to do
 * @throws FerryError with `code` when the time is over
 */
export async function withTimeout<T>(
  work: Promise<T>,
  ms: number,
  message: string,
  code: FerryErrorCode = 'timeout',
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FerryError(code, message, { retryable: true })), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date.
 *
 * @param now local epoch milliseconds, for dates
 * @returns milliseconds from now, never negative; null when there is none to read
 */
export function parseRetryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? ''
  if (/^\d{1,20}$/.test(text)) return Number(text) * 1000
  // Date.parse takes nearly any text for a date ("-5" is the year 2001); HTTP dates begin with a weekday.
  const date = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

/**
 * Iterates over the parts of a stream; leaving the loop early cancels the stream. Safari before 27 cannot iterate
 * streams.
 */
export async function* streamParts<Part>(
  stream: ReadableStream<Part> | null,
): AsyncGenerator<Part, void, undefined> {
  if (stream === null) return
  const reader = stream.getReader()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      ended = done
      if (done) return
      yield value
    }
  } catch (error) {
    ended = true
    throw error
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined)
    reader.releaseLock()
  }
}

/**
 * Waits for work that may not notice an abort by itself.
 *
 * @throws the signal's reason as soon as it is aborted; the work's outcome is then dropped
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    const release = (): void => signal.removeEventListener('abort', stop)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(release).catch(stop)
  })
}

/** The longest time that `setTimeout` supports, about 25 days; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Calls back once, later; after 25 days at the latest. With the system clock this is a plain timer: every admission
 * sets and clears one, and a sleep with a signal costs ten times as much.
 *
 * @param ms milliseconds
 * @returns cancels it
 */
export function alarm(clock: Clock, ms: number, ring: () => void): () => void {
  if (clock === systemClock) {
    const timer = setTimeout(ring, Math.min(ms, longestTimerMs))
    return () => clearTimeout(timer)
  }
  const controller = new AbortController()
  clock.sleep(ms, controller.signal).then(ring, () => undefined)
  return () => controller.abort('called off')
}

/**
 * Runs work with a time limit, on a clock that tests can control, and with a signal that aborts it at the limit.
 *
 * @param ms milliseconds
 * @param work its result after the abort is ignored
 * @param owner aborts the work early
 * @throws FerryError `timeout`; the owner's reason; what the work throws
 */
export async function inTime<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  owner?: AbortSignal,
): Promise<T> {
  owner?.throwIfAborted()
  const end = new AbortController()
  const timer = new AbortController()
  const over = (reason: unknown): void => end.abort(reason)
  const leave = (): void => over(owner?.reason)
  owner?.addEventListener('abort', leave, { once: true })
  const ended = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason), { once: true })
  })
  clock.sleep(ms, timer.signal).then(
    () => over(new FerryError('timeout', `No answer within ${ms} ms.`, { retryable: true })),
    () => {},
  )
  try {
    return await Promise.race([work(end.signal), ended])
  } finally {
    timer.abort()
    owner?.removeEventListener('abort', leave)
  }
}

/**
 * Reads a small body without trusting its announced length.
 *
 * @param body of a request or a response; null or undefined is empty
 * @param limit bytes
 * @param signal ends the reading and cancels the body
 * @returns null when there is more; the rest is cancelled then
 * @throws what the body errors with; the signal's reason
 */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null | undefined,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  if (body === null || body === undefined) return new Uint8Array()
  const reader = body.getReader()
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => undefined)
  signal?.addEventListener('abort', stop, { once: true })
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      length += value.byteLength
      if (length > limit) {
        stop()
        return null
      }
    }
  } finally {
    signal?.removeEventListener('abort', stop)
  }
  // A cancelled stream looks like a finished one.
  signal?.throwIfAborted()
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}

/** Calls an observer. Its errors must not affect the caller. */
export function tell<T>(observer: ((value: T) => void) | undefined, value: T): void {
  try {
    observer?.(value)
  } catch {
    // The error of an observer is dropped, because its caller does not wait for the work.
  }
}

// JSON from callers that are not trusted. `JSON.parse` cannot be interrupted, and its time grows with the number of
// values rather than with the length: a megabyte of brackets holds an event loop for a tenth of a second.

const MOST_VALUES = 50_000
const DEEPEST = 64

/**
 * Parses JSON with bounded work. The caller must bound the length of the text.
 *
 * @param text at most 50,000 values, nested at most 64 deep
 * @throws SyntaxError when it is not JSON, or has more values
 * @example parseBounded('{"paths":["a"]}') // { paths: ['a'] }
 */
export function parseBounded(text: string): unknown {
  let values = 1
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfText(text, at)
    else if (code === COMMA) values++
    else if (code === BRACKET || code === BRACE) {
      values++
      depth++
    } else if (code === BRACKET + 2 || code === BRACE + 2) depth--
    if (values > MOST_VALUES || depth > DEEPEST) {
      throw new SyntaxError(
        `JSON may have at most ${MOST_VALUES} values, nested at most ${DEEPEST} deep.`,
      )
    }
  }
  return JSON.parse(text)
}

const QUOTE = 0x22
const COMMA = 0x2c
const BRACKET = 0x5b
const BRACE = 0x7b
const BACKSLASH = 0x5c

/** Offset of the quote that ends a text; the length of the input when there is none. */
function endOfText(text: string, begin: number): number {
  for (let end = begin; ;) {
    end = text.indexOf('"', end + 1)
    if (end < 0) return text.length
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
}
