import type { Clock } from '../core/Clock.ts'
import { networkError } from './networkError.ts'
import { StallWatch } from './StallWatch.ts'
import { timeoutError } from './timeoutError.ts'

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
