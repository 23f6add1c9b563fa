/**
 * Sees to it that a body which fails on its way ends as a broken connection, and as nothing else: the HTTP
 * adapter would write the error's text into the body first.
 *
 * @param response what is sent
 * @param destroy breaks the connection
 */
export function cutOnError(response: Response, destroy: () => void): Response {
  if (response.body === null) return response
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch {
          // Left open: the end of the connection cancels it.
          destroy()
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, response)
}
