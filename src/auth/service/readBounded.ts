/**
 * Reads a small body without trusting its announced length.
 *
 * @param body of a request or an answer; absent is empty
 * @param limit bytes
 * @param signal ends the reading and lets the sender go
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
  // A cancelled stream looks like one that has ended.
  signal?.throwIfAborted()
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}
