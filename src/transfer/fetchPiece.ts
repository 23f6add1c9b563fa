import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import { streamParts } from '../core/streamParts.ts'
import { attempt, type AttemptRequest } from '../net/attempt.ts'
import type { CallOptions } from '../net/CallOptions.ts'
import { httpError } from '../net/httpError.ts'
import type { Net } from '../net/Net.ts'
import type { Chunk, PieceDecoder } from './PieceDecoder.ts'

/** One range request and what to do with its body. */
export interface PieceRequest {
  readonly url: string
  readonly bytes: ByteRange
  readonly headers: Record<string, string>
  readonly decoder: PieceDecoder
  /** Looks at the headers of an answer that is no refusal, and throws when the body is of no use. */
  readonly check: (response: Response) => void
  readonly signal: AbortSignal
  readonly waiting?: CallOptions['waiting']
  readonly firstByteMs?: AttemptRequest['firstByteMs']
  /** Gets every chunk in order; the next part of the body is read when it is done with it. */
  readonly take: (chunk: Chunk) => Promise<void>
  /** Bytes that arrived, as they arrive. */
  readonly arrived: (bytes: number) => void
}

/**
 * Fetches one signed range and unpacks it as it arrives.
 *
 * @returns bytes of the whole stored object, where `Content-Range` is readable
 * @throws FerryError with `status` when refused, `network` when cut short, `timeout` when stalled,
 *   `protocol` or `integrity` when what arrived is no chunk record
 * Sources: RFC 9110, section 14; Xet protocol, section on fetching xorb bytes.
 */
export async function fetchPiece(net: Net, request: PieceRequest): Promise<number | undefined> {
  const { url, bytes, headers, decoder, check, take, arrived, firstByteMs } = request
  const response = await attempt(net, { url, init: { headers }, firstByteMs }, request)
  if (!response.ok) {
    await response.body?.cancel()
    throw httpError('A part of the file', response, url)
  }
  const { skip, total } = await checked(response, () => {
    check(response)
    return placeOf(response, bytes, url)
  })
  const expected = bytes.end - bytes.start
  let seen = 0
  for await (const part of streamParts(response.body)) {
    arrived(part.length)
    const wanted = part.subarray(Math.max(0, skip - seen), Math.max(0, skip + expected - seen))
    seen += part.length
    for (const chunk of decoder.push(wanted)) await take(chunk)
    if (seen >= skip + expected) break
  }
  if (seen < skip + expected)
    throw new FerryError(
      'network',
      `The connection ended after ${seen} of ${skip + expected} bytes.`,
      {
        retryable: true,
        url,
      },
    )
  for (const chunk of decoder.finish()) await take(chunk)
  return total
}

/** An answer that is of no use is not read to its end. */
async function checked<T>(response: Response, look: () => T): Promise<T> {
  try {
    return look()
  } catch (error) {
    await response.body?.cancel()
    throw error
  }
}

/** How many bytes of the body lie before the range, and how large the whole object is. */
function placeOf(
  response: Response,
  bytes: ByteRange,
  url: string,
): { skip: number; total: number | undefined } {
  if (response.status !== 206) return { skip: bytes.start, total: undefined }
  const header = response.headers.get('content-range')
  if (header === null) return { skip: 0, total: undefined }
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(header.trim())
  if (!match || Number(match[1]) !== bytes.start || Number(match[2]) !== bytes.end - 1)
    throw new FerryError(
      'protocol',
      `Content-Range is "${header.slice(0, 80)}" instead of bytes ${bytes.start}-${bytes.end - 1}: the server answered another range than it was asked for.`,
      { url, retryable: true },
    )
  return { skip: 0, total: match[3] === '*' ? undefined : Number(match[3]) }
}
