import { networkError } from './networkError.ts'
import type { TimeLimit } from './TimeLimit.ts'

interface Watch {
  readonly connection: AbortController
  readonly limit: TimeLimit
  readonly stallMs: number
  /** Called once, when the body has ended in whatever way. */
  readonly release: () => void
  readonly url: string
}

/** The same answer with a body that errors when it stalls, and that ends the connection when cancelled. */
export function watchedBody(response: Response, watch: Watch): Response {
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader()
  const { connection, limit, stallMs, release, url } = watch
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const { done, value } = await limit.within(stallMs, 'No byte came', reader.read())
          if (!done) return controller.enqueue(value)
          release()
          controller.close()
        } catch (error) {
          release()
          controller.error(networkError(error, connection.signal, url))
        }
      },
      async cancel(reason) {
        release()
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
