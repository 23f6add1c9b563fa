// Reads request bodies before a slot is taken, and keeps slow senders from holding slots, memory or connections.

import { alarm, type Clock, FerryError } from '../core/index.ts'
import { goneProblem, type Problem } from './problems.ts'

/** Limits of the speed and size of request bodies. */
export interface BodyLimits {
  /** Longest time without a byte, milliseconds; also the longest credit that a fast body gains over {@link minRate}. */
  readonly idleMs: number
  /** Minimum bytes per second on average after the first {@link idleMs}. */
  readonly minRate: number
  /** Bytes of one body that are read before a slot is taken. The rest of a longer body is streamed. */
  readonly bufferBytes: number
  /** Maximum bytes of all buffered bodies together; half of it for requests without a token. */
  readonly totalBytes: number
}

/** The defaults of {@link BodyLimits}. */
export const defaultBodyLimits: BodyLimits = {
  idleMs: 10_000,
  minRate: 1024,
  bufferBytes: 1_048_576,
  totalBytes: 134_217_728,
}

/** Why a body was not read to its end. */
export type BodyFault = 'slow' | 'busy' | 'share' | 'closed' | 'disconnected' | 'failed'

/** A buffered body. */
export interface BufferedBody {
  /** The whole body, or its beginning followed by the stream of the rest. */
  readonly body: BodyInit
  /** Releases the memory; call it once, when the body is no longer needed. */
  release(): void
}

/** Buffers bodies, and counts the memory of all of them. */
export class BodyReader {
  /** May be replaced; bodies in progress keep their limits. */
  limits: BodyLimits
  readonly #clock: Clock
  readonly #bytes = { token: 0, other: 0 }
  readonly #readers = new Map<string, number>()
  readonly #cuts = new Set<() => void>()
  #closed = false

  constructor(limits: BodyLimits, clock: Clock) {
    this.limits = limits
    this.#clock = clock
  }

  /**
   * Reads a body until it ends, or until {@link BodyLimits.bufferBytes} have arrived.
   *
   * @param body of the request; is locked
   * @param from `key`: the queue key that shares `most`; `most`: bodies of this key that may arrive at once; `token`:
   * whether a token was proven; `signal`: of the request
   */
  async read(
    body: ReadableStream<Uint8Array>,
    from: {
      readonly key: string
      readonly most: number
      readonly token: boolean
      readonly signal: AbortSignal
    },
  ): Promise<BufferedBody | BodyFault> {
    const { key, most, token, signal } = from
    const running = this.#readers.get(key) ?? 0
    if (this.#closed) return refuse(body, 'closed')
    if (running >= most) return refuse(body, 'share')
    const pool = token ? 'token' : 'other'
    const { bufferBytes, totalBytes } = this.limits
    const room = totalBytes / 2
    const stream = guardRate(body, this.limits, this.#clock)
    const reader = stream.getReader()
    const parts: Uint8Array<ArrayBuffer>[] = []
    let length = 0
    let fault: BodyFault | undefined
    const cut = (why: BodyFault): void => {
      fault ??= why
      void reader.cancel().catch(() => undefined)
    }
    const leave = (): void => cut('disconnected')
    const close = (): void => cut('closed')
    const release = (): void => {
      this.#bytes[pool] -= length
      length = 0
    }
    this.#readers.set(key, running + 1)
    this.#cuts.add(close)
    signal.addEventListener('abort', leave, { once: true })
    try {
      if (signal.aborted) leave()
      for (;;) {
        if (fault !== undefined || length >= bufferBytes) break
        const { done, value } = await reader.read()
        if (fault !== undefined) break
        if (done) {
          // The request now waits in the queue: only the bytes are kept, not the stream.
          return { body: new Blob(parts), release }
        }
        parts.push(value as Uint8Array<ArrayBuffer>)
        length += value.byteLength
        this.#bytes[pool] += value.byteLength
        if (this.#bytes[pool] > room) cut('busy')
      }
      if (fault === undefined) return { body: rejoin(parts, reader), release }
    } catch (error) {
      fault ??= error instanceof FerryError && error.code === 'timeout' ? 'slow' : 'failed'
    } finally {
      this.#cuts.delete(close)
      signal.removeEventListener('abort', leave)
      const left = (this.#readers.get(key) ?? 1) - 1
      if (left === 0) this.#readers.delete(key)
      else this.#readers.set(key, left)
    }
    release()
    return fault
  }

  /** Aborts the bodies that are being read; their requests get 503. */
  close(): void {
    this.#closed = true
    for (const cut of this.#cuts) cut()
  }
}

async function refuse(body: ReadableStream<Uint8Array>, fault: BodyFault): Promise<BodyFault> {
  await body.cancel().catch(() => undefined)
  return fault
}

function rejoin(
  parts: Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const first = parts.shift()
        if (first !== undefined) return controller.enqueue(first)
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/**
 * Streams a body. It fails with a FerryError `timeout` when its sender is too slow. Time in which the consumer does
 * not read does not count.
 *
 * @param body is locked
 */
export function guardRate(
  body: ReadableStream<Uint8Array>,
  { idleMs, minRate }: Pick<BodyLimits, 'idleMs' | 'minRate'>,
  clock: Clock,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let waitedMs = 0
  let bytes = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const startedAt = clock.now()
        // Earlier bytes give time credit, limited by idleMs: the rate holds on average, and no pause is longer than idleMs.
        const allowedMs = Math.min(idleMs, idleMs + (bytes / minRate) * 1000 - waitedMs)
        let stopAlarm: (() => void) | undefined
        const late = new Promise<'late'>((resolve) => {
          stopAlarm = alarm(clock, Math.max(0, allowedMs), () => resolve('late'))
        })
        try {
          const read = await Promise.race([reader.read(), late])
          waitedMs += clock.now() - startedAt
          if (read === 'late') {
            void reader.cancel().catch(() => undefined)
            const message = `The body arrived at less than ${minRate} bytes per second.`
            throw new FerryError('timeout', message, { retryable: true })
          }
          if (read.done) return controller.close()
          bytes += read.value.byteLength
          controller.enqueue(read.value)
        } finally {
          stopAlarm?.()
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

const retry = { 'retry-after': '1' }

/** The responses for bodies that were not read. */
export const bodyProblems: Readonly<Record<BodyFault, Problem>> = {
  slow: {
    status: 408,
    title: 'Request Timeout',
    detail: 'The body arrived too slowly. Send it faster, or in smaller requests.',
    headers: { connection: 'close' },
  },
  busy: {
    status: 503,
    title: 'Service Unavailable',
    detail: 'Too many bodies are being received. Come back later.',
    headers: retry,
  },
  share: {
    status: 429,
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Quota exceeded',
    detail: 'Too many of your requests are being received. Come back later.',
    violated: ['pending'],
    headers: retry,
  },
  closed: {
    status: 503,
    title: 'Service Unavailable',
    detail: 'The server is about to stop. Come back later.',
    headers: retry,
  },
  disconnected: { ...goneProblem },
  failed: {
    status: 400,
    title: 'Bad Request',
    detail: 'The body could not be read to its end.',
  },
}
