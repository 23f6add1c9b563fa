/**
 * Reads a stream that should be short as UTF-8, and cancels what is left of it.
 *
 * @param limit bytes; as soon as more have come, nothing more is read
 * @param ms milliseconds for all of it
 * @returns null when there is more, when the time is over or the stream fails. Never throws
 */
export async function readText(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  ms: number,
): Promise<string | null> {
  const decoder = new TextDecoder()
  let text = ''
  let left = limit
  let ended = false
  let late = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let stop = (): void => undefined
  try {
    const reader = stream.getReader()
    // Not awaited: a branch of a cloned body confirms its cancel only when the other branch is done, too.
    stop = (): void => void reader.cancel().catch(() => undefined)
    timer = setTimeout(() => {
      late = true
      stop()
    }, ms)
    for (;;) {
      const { done, value } = await reader.read()
      ended = done
      // A cancelled stream ends like a complete one.
      if (done) return late ? null : text + decoder.decode()
      left -= value.byteLength
      if (left < 0) return null
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    return null
  } finally {
    clearTimeout(timer)
    if (!ended) stop()
  }
}
