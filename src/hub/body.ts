import { HubRefusal } from './refusals.ts'

/**
 * The whole body of a request, bounded.
 *
 * @param request its body is consumed
 * @param limit most bytes
 * @throws HubRefusal 413 when there are more
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = (): HubRefusal =>
    new HubRefusal(413, `The body may have at most ${limit} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge()
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of request.body ?? []) {
    length += part.byteLength
    if (length > limit) throw tooLarge()
    parts.push(part)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    body.set(part, at)
    at += part.byteLength
  }
  return body
}

/**
 * A JSON object from the body of a request.
 *
 * @param request its body is consumed
 * @param limit most bytes; default 4 MiB
 * @throws HubRefusal 400 when it is no JSON object, 413 when it is too long
 */
export async function readJson(
  request: Request,
  limit: number = 4 * 1024 * 1024,
): Promise<Record<string, unknown>> {
  const text = new TextDecoder().decode(await readBody(request, limit))
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch {
    // Said below.
  }
  throw new HubRefusal(400, 'The body must be a JSON object.')
}

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
