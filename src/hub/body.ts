import { parseBounded, readBounded } from '../core/index.ts'
import { HubRefusal } from './refusals.ts'

/**
 * The whole body of a request, bounded.
 *
 * @param request its body is consumed
 * @param limit most bytes
 * @throws HubRefusal 413 when there are more
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  const body = announced > limit ? null : await readBounded(request.body, limit)
  if (body === null) throw new HubRefusal(413, `The body may have at most ${limit} bytes.`)
  return body
}

/** Parsing cannot be interrupted: what takes longer would hold the event loop. */
export const MOST_PARSED: number = 1024 * 1024

/**
 * A JSON object from the body of a request.
 *
 * @param request its body is consumed
 * @throws HubRefusal 400 when it is not a JSON object, 413 when it has more than {@link MOST_PARSED} bytes
 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  const text = new TextDecoder().decode(await readBody(request, MOST_PARSED))
  const refusal = 'The body must be a JSON object of at most 50,000 values.'
  const value = parseJson(text, refusal)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new HubRefusal(400, refusal)
}

/**
 * Parses JSON of a client.
 *
 * @param refusal message for text that is not JSON or has too many values
 * @throws HubRefusal 400; also for texts that are not well-formed Unicode
 */
export function parseJson(text: string, refusal: string): unknown {
  let value: unknown
  let wellFormed = true
  try {
    value = parseBounded(text)
    // Only an escape can make a lone surrogate: decoded UTF-8 has none.
    wellFormed = !/\\u[dD][89a-fA-F]/.test(text) || isWellFormed(value)
  } catch {
    throw new HubRefusal(400, refusal)
  }
  if (wellFormed) return value
  throw new HubRefusal(400, String.raw`A text contains half of a surrogate pair, such as \ud800.`)
}

/** Texts that are not well-formed have no UTF-8, so they cannot be stored, compared or put into a URL. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Surrogate}/u.test(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => isWellFormed(name) && isWellFormed(member))
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
