import { alarm, type Clock, FerryError } from '../core/index.ts'
import { abortCheckDelayMs, type HeldSlot } from './admission.ts'
import { setResponseHeaders, type ResponseFacts } from './headers.ts'
import { type Completion, outcomeOf, type RequestRecord } from './record.ts'
import type { Settings } from './options.ts'

/** How a body ended; `stalled`: no byte for too long. */
export type BodyEnd = 'done' | 'failed' | 'stalled' | 'cancelled'

/** Options of {@link followBody}. */
export interface FollowOptions {
  /** Its signal aborts the body with its reason. */
  readonly slot: Pick<HeldSlot, 'signal'>
  /** Longest time without progress, milliseconds. */
  readonly idleMs: number
  readonly clock: Clock
  /** Called once, when all work on the body has ended. */
  readonly ended: (how: BodyEnd, error?: unknown) => void
}

/** A body of this few parts ends before an abort can arrive. */
const fewParts = 2

/**
 * Streams a body part by part without buffering, and reports its end.
 *
 * @param body is locked
 * @throws TypeError when the body is locked
 */
function followBody(
  body: ReadableStream<Uint8Array>,
  { slot, idleMs, clock, ended }: FollowOptions,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let signal: AbortSignal | undefined
  let stopAlarm: (() => void) | undefined
  let movedAt = clock.now()
  let reading = false
  let parts = 0
  let over = false
  let cut: ((reason: unknown, how: BodyEnd) => void) | undefined

  const stop = (): void => cut?.(signal?.reason, 'cancelled')
  const end = (how: BodyEnd, error?: unknown): void => {
    if (over) return
    over = true
    stopAlarm?.()
    signal?.removeEventListener('abort', stop)
    ended(how, error)
  }
  const watch = (): void => {
    const leftMs = movedAt + idleMs - clock.now()
    // Set again when it fires, not for every part: most bodies end long before.
    if (leftMs > 0) stopAlarm = alarm(clock, leftMs, watch)
    else cut?.(idleError(idleMs), reading ? 'stalled' : 'cancelled')
  }

  const watchSlot = (): void => {
    if (signal !== undefined || over) return
    stopAlarm?.()
    signal = slot.signal
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    watch()
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        cut = (reason, how) => {
          if (over) return
          cut = undefined
          controller.error(reason)
          // The work ends when its source has ended, not when the client stops reading.
          void reader.cancel(reason).then(
            () => end(how),
            () => end(how),
          )
        }
        stopAlarm = alarm(clock, Math.min(abortCheckDelayMs, idleMs), watchSlot)
      },
      async pull(controller) {
        movedAt = clock.now()
        if (++parts > fewParts) watchSlot()
        if (cut === undefined) return
        try {
          reading = true
          const { done, value } = await reader.read()
          reading = false
          movedAt = clock.now()
          if (cut === undefined) return
          if (!done) return controller.enqueue(value)
          controller.close()
          end('done')
        } catch (error) {
          if (cut !== undefined) end('failed', error)
          throw error
        }
      },
      async cancel(reason) {
        cut = undefined
        try {
          await reader.cancel(reason)
        } finally {
          end('cancelled')
        }
      },
    },
    { highWaterMark: 0 },
  )
}

function idleError(idleMs: number): FerryError {
  const message = `Nothing of the body moved for ${idleMs} ms. Request the missing part again.`
  return new FerryError('timeout', message, { retryable: true })
}

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

const outcomes: Readonly<Record<Exclude<BodyEnd, 'done'>, Completion['outcome']>> = {
  failed: 'server-error',
  stalled: 'overload',
  cancelled: 'cancelled',
}

/**
 * Sends a response to the client. The slot is held until the last byte was sent, or never will be.
 *
 * @param response of a service; its body is streamed
 * @param request for its method
 * @param facts inputs of the response's headers
 */
export function sendResponse(
  response: Response,
  request: Request,
  facts: ResponseFacts,
  {
    settings: { clock, idleMs },
    slot,
    record,
  }: {
    readonly settings: Pick<Settings, 'clock' | 'idleMs'>
    readonly slot: HeldSlot
    readonly record: RequestRecord
  },
): Response {
  const { status, statusText, body } = response
  const ended = (how: BodyEnd, error?: unknown): void => {
    slot.release()
    if (how === 'failed') record.failed(error)
    record.ended(status, how === 'done' ? outcomeOf(status) : outcomes[how])
  }
  const isBodyless = body === null || request.method === 'HEAD' || withoutBody.has(status)
  const followed = isBodyless ? null : followBody(body, { slot, idleMs, clock, ended })
  // Always a copy: a service may return the same object for several requests.
  const answer = new Response(followed, { status, statusText, headers: response.headers })
  setResponseHeaders(answer.headers, status, facts)
  if (isBodyless) {
    body?.cancel().catch(() => undefined)
    ended('done')
  }
  return answer
}
