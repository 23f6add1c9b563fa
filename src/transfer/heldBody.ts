type Body = ReadableStream<Uint8Array<ArrayBuffer>>

/** Bytes read at once: as many of a file as take about as long as to open it anew. */
const partLength = 4 * 2 ** 20

/**
 * The same body, for a realm that has to be kept as long as it is read.
 *
 * @param body a file, or what this realm feeds
 * @param hold called with what lasts until the body ended, failed or was given up
 */
export function heldBody(body: Blob | Body, hold: (reading: Promise<void>) => void): Body {
  const reader = (body instanceof Blob ? fileStream(body) : body).getReader()
  let over: (() => void) | undefined
  hold(new Promise((resolve) => (over = resolve)))
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          controller.close()
        } catch (error) {
          controller.error(error)
        }
        over?.()
      },
      async cancel(reason) {
        over?.()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Faster in WebKitGTK 2.50 than the stream that a file gives of itself. */
function fileStream(file: Blob): Body {
  let at = 0
  return new ReadableStream(
    {
      async pull(controller) {
        const part = file.slice(at, (at += partLength))
        if (part.size === 0) controller.close()
        else controller.enqueue(new Uint8Array(await part.arrayBuffer()))
      },
    },
    { highWaterMark: 0 },
  )
}
