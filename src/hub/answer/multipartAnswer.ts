import { randomUUID } from 'node:crypto'
import type { ByteRange } from '../../core/ByteRange.ts'
import type { Representation } from './Representation.ts'
import { streamOf } from './streamOf.ts'

/**
 * Several ranges in one answer, in the order asked for.
 *
 * @param request GET or HEAD
 * @param what the bytes and their description
 * @param ranges within `what`
 * @see RFC 9110 section 14.6
 */
export function multipartAnswer(
  request: Request,
  what: Representation,
  ranges: readonly ByteRange[],
): Response {
  const boundary = randomUUID()
  const encoder = new TextEncoder()
  const heads = ranges.map(({ start, end }) =>
    encoder.encode(
      `\r\n--${boundary}\r\nContent-Type: ${what.contentType}\r\nContent-Range: bytes ${start}-${end - 1}/${what.size}\r\n\r\n`,
    ),
  )
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`)
  const length = ranges.reduce(
    (sum, { start, end }, index) => sum + heads[index]!.byteLength + end - start,
    tail.byteLength,
  )
  async function* parts(): AsyncGenerator<Uint8Array, void> {
    for (const [index, range] of ranges.entries()) {
      yield heads[index]!
      yield* what.read(range)
    }
    yield tail
  }
  return new Response(request.method === 'HEAD' ? null : streamOf(parts()), {
    status: 206,
    headers: {
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      etag: what.etag,
      'content-type': `multipart/byteranges; boundary=${boundary}`,
      'content-length': String(length),
    },
  })
}
