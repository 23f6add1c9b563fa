import { HubRefusal } from './HubRefusal.ts'

/**
 * The lines of a body, one at a time, so that a commit of many files is never held as a whole.
 *
 * @param body what arrives; null counts as empty
 * @param limit most characters of one line
 * @throws HubRefusal 413 when a line is longer
 */
export async function* readLines(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let parts: string[] = []
  let length = 0
  for await (const bytes of body ?? []) {
    const pieces = decoder.decode(bytes, { stream: true }).split('\n')
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) {
        yield parts.join('')
        parts = []
        length = 0
      }
      length += piece.length
      if (length > limit) throw new HubRefusal(413, `A line may have at most ${limit} characters.`)
      parts.push(piece)
    }
  }
  yield parts.join('')
}
