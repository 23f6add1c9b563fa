/**
 * A stream over an async generator, which is ended when the stream is cancelled. Pulls one part at a time.
 *
 * @param parts what to deliver
 */
export function streamOf(parts: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await parts.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
      cancel: async () => void (await parts.return()),
    },
    { highWaterMark: 0 },
  )
}
