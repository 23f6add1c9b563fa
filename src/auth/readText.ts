/**
 * Reads a stream that should be short as UTF-8, and cancels what is left of it.
 *
 * @param limit bytes; as soon as more have come, nothing more is read
 * @param ms milliseconds for all of it
 * @returns null when there is more, or when the time is over
 * @throws what the stream fails with
 */
export async function readText(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  ms: number,
): Promise<string | null> {
  const reader = stream.getReader()
  // Not awaited: a branch of a cloned body confirms its cancel only when the other branch is done, too.
  const stop = (): void => void reader.cancel().catch(() => undefined)
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  let late = false
  const timer = setTimeout(() => {
    late = true
    stop()
  }, ms)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      // A cancelled stream ends like a complete one.
      if (done) return late ? null : text + decoder.decode()
      length += value.byteLength
      if (length > limit) return null
      text += decoder.decode(value, { stream: true })
    }
  } finally {
    clearTimeout(timer)
    stop()
  }
}
