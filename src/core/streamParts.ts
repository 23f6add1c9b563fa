/**
 * The parts of a stream, one after the other; leaving the loop early cancels the stream. Safari before 27
 * cannot iterate streams by itself.
 */
export async function* streamParts<Part>(
  stream: ReadableStream<Part> | null,
): AsyncGenerator<Part, void, undefined> {
  if (stream === null) return
  const reader = stream.getReader()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      ended = done
      if (done) return
      yield value
    }
  } catch (error) {
    ended = true
    throw error
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined)
    reader.releaseLock()
  }
}
