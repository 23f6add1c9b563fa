import { randomUUID } from 'node:crypto'
import type { ByteRange } from '../core/index.ts'

/** A representation whose bytes can be read from any offset. */
export interface Representation {
  readonly size: number
  /** Quoted strong ETag. */
  readonly etag: string
  readonly contentType: string
  /** Epoch milliseconds, if known. */
  readonly modified?: number
  /** Bytes `[start, end)`. */
  read(range: ByteRange): ReadableStream<Uint8Array>
}

/**
 * The ranges that a request may read under a URL that was signed for some: an answer must then consist of these alone.
 *
 * @param request GET or HEAD
 * @param what the bytes; its `size` clamps the requested ranges
 * @param signed the signed ranges
 * @param exact true: only one of these as a whole; false: any part of one
 * @returns undefined when it may read none, or would be answered with everything
 */
export function signedRanges(
  { headers }: Request,
  { size, etag }: Pick<Representation, 'size' | 'etag'>,
  signed: readonly ByteRange[],
  exact: boolean,
): ByteRange[] | undefined {
  if ((headers.get('if-range') ?? etag) !== etag) return undefined
  const wanted = parseRanges(headers.get('range'), size)
  if (!Array.isArray(wanted)) return undefined
  const isAllowed = (range: ByteRange): boolean =>
    signed.some(({ start, end }) =>
      exact ? range.start === start && range.end === end : range.start >= start && range.end <= end,
    )
  return wanted.every(isAllowed) ? wanted : undefined
}

/**
 * A stream over an async generator; cancelling the stream ends the generator. Pulls one part at a time.
 *
 * @param parts the parts
 */
export function streamOf(parts: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await parts.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
      cancel: async () => void (await parts.return()),
    },
    { highWaterMark: 0 },
  )
}

/**
 * Several ranges in one response, in the requested order.
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

const MOST_RANGES = 1000

/**
 * Parses a `Range` header (RFC 9110, section 14.1.2).
 *
 * @param header value of `Range`, or null
 * @param size bytes of the whole representation
 * @returns `all` when the header is absent or must be ignored (another unit, malformed); `none` when no range
 *   can be satisfied (416); else the ranges in the requested order, clamped to `size`
 * @example parseRanges('bytes=0-0,-2', 10) // [{ start: 0, end: 1 }, { start: 8, end: 10 }]
 */
export function parseRanges(header: string | null, size: number): ByteRange[] | 'all' | 'none' {
  const list = /^bytes=(.+)$/i.exec(header?.trim() ?? '')?.[1]
  if (list === undefined) return 'all'
  const specs = list.split(',', MOST_RANGES + 1)
  if (specs.length > MOST_RANGES) return 'all'
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const match = /^\s*(\d*)-(\d*)\s*$/.exec(spec)
    if (match === null) return 'all'
    const [, first, last] = match as unknown as [string, string, string]
    if (first === '' && last === '') return 'all'
    const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
    const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
    if (first !== '' && last !== '' && Number(last) < start) return 'all'
    if (start < end) ranges.push({ start, end })
  }
  return ranges.length === 0 ? 'none' : ranges
}

/**
 * Answers GET and HEAD for a whole representation or one range of it: 200, 206, 304, 412 or 416. Several ranges
 * in one request are answered with the whole, which RFC 9110 section 14.2 permits; HEAD ignores `Range`.
 *
 * @param request its method, `Range` and conditions are used
 * @param what the bytes and their description
 * @param headers further headers
 */
export function rangedAnswer(
  request: Request,
  what: Representation,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const common = {
    'accept-ranges': 'bytes',
    etag: what.etag,
    'cache-control': 'no-store',
    ...(what.modified !== undefined && { 'last-modified': new Date(what.modified).toUTCString() }),
    ...headers,
  }
  const status = conditionStatus(request, what)
  if (status !== undefined) return new Response(null, { status, headers: common })
  const ifRange = request.headers.get('if-range')
  const ranged = request.method === 'GET' && (ifRange === null || ifRange === what.etag)
  const ranges = parseRanges(ranged ? request.headers.get('range') : null, what.size)
  if (ranges === 'none') {
    return new Response(null, {
      status: 416,
      headers: { ...common, 'content-range': `bytes */${what.size}` },
    })
  }
  const one = ranges !== 'all' && ranges.length === 1 ? ranges[0] : undefined
  const range = one ?? { start: 0, end: what.size }
  return new Response(request.method === 'HEAD' ? null : what.read(range), {
    status: one === undefined ? 200 : 206,
    headers: {
      ...common,
      'content-type': what.contentType,
      'content-length': String(range.end - range.start),
      ...(one && { 'content-range': `bytes ${one.start}-${one.end - 1}/${what.size}` }),
    },
  })
}

/** RFC 9110 section 13.2.2; undefined: all conditions hold. Dates count in whole seconds. */
function conditionStatus(
  { headers }: Request,
  { etag, modified }: Pick<Representation, 'etag' | 'modified'>,
): 304 | 412 | undefined {
  const second = modified === undefined ? undefined : Math.floor(modified / 1000) * 1000
  const ifMatch = headers.get('if-match')
  if (ifMatch !== null) {
    if (!listsTag(ifMatch, etag, false)) return 412
  } else if (second !== undefined && second > dateOf(headers.get('if-unmodified-since'))) {
    return 412
  }
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== null) return listsTag(ifNoneMatch, etag, true) ? 304 : undefined
  const since = headers.get('if-modified-since')
  return since !== null &&
    !Number.isNaN(Date.parse(since)) &&
    second !== undefined &&
    second <= dateOf(since)
    ? 304
    : undefined
}

/** An absent or unreadable date is ignored. */
function dateOf(header: string | null): number {
  const date = header === null ? Number.NaN : Date.parse(header)
  return Number.isNaN(date) ? Number.POSITIVE_INFINITY : date
}

function listsTag(list: string, etag: string, weakly: boolean): boolean {
  if (list.trim() === '*') return true
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.some((tag) => tag === etag || (weakly && tag === `W/${etag}`))
}
