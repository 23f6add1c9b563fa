import { type ByteRange, FerryError } from '../core/index.ts'
import {
  type AskOptions,
  type Block,
  isSizeCertain,
  isUsable,
  type Reconstructions,
  totalLength,
} from '../reconstruction/index.ts'
import { SliceDecoder, sliceLength, RecordDecoder, type PieceDecoder } from './decoders.ts'
import { narrowBlocks } from './plan.ts'
import type { Hasher } from '../codec/index.ts'
import type { FileInfo } from '../protocol/index.ts'

/** Where a file's blocks come from: the CAS, or the plain origin itself. */
export interface BlockSource {
  /** Whether a stretch can be asked for alone, so that what a cut left behind is kept. */
  readonly splits: boolean
  /** Whether its URLs are presigned, so that a refusal may only mean that they grew old. */
  readonly expires: boolean
  /** A valid block for exactly this range. */
  open(range: ByteRange, options: AskOptions): Promise<Block>
  /** A newer one, after a refusal or when it went stale. */
  renew(block: Block, options: AskOptions): Promise<Block>
  usable(block: Block, now: number): boolean
  /** Narrower ranges to ask for instead, where that keeps more connections busy. */
  narrow(block: Block, connections: number): ByteRange[] | undefined
  /** Headers for a range request; presigned storage gets none but the range. */
  headers(bytes: ByteRange): Record<string, string>
  /**
   * @param bytes the range asked for; absent: any answer that begins with it will do
   * @throws FerryError `integrity` when an answer shows that the file is not what it was any more
   * @throws RangeRefused when it is no answer to that range
   */
  check(response: Response, bytes?: ByteRange): void
  decoder(hasher: Hasher): PieceDecoder
}

/**
 * Whether an answer of a plain server shows that the file is another one than it was when its information
 * was read. Ranges of two versions put together have the right length, and where the server tells no hash
 * nothing else would notice. What the answer does not tell, or a page of another origin may not read,
 * counts as unchanged.
 *
 * @returns what differs, for the error, and whether it is the length; undefined when nothing does
 * Sources: RFC 9110, sections 8.8.3 (entity tags) and 14.4 (Content-Range).
 */
export function changedSince(
  { size, etag }: Pick<FileInfo, 'size' | 'etag'>,
  response: Pick<Response, 'status' | 'headers' | 'type'>,
): { readonly how: string; readonly length: boolean } | undefined {
  const { headers } = response
  const length = lengthTold(response)
  if (length !== null && length !== size)
    return { how: `it had ${size} bytes and has ${length}`, length: true }
  const tag = headers.get('x-linked-etag') ?? headers.get('etag')
  if (tag !== null && etag !== undefined && plain(tag) !== plain(etag))
    return { how: `its ETag was ${etag.slice(0, 80)} and is ${tag.slice(0, 80)}`, length: false }
  return undefined
}

/** `Content-Range`: null where it is missing, undefined where it is malformed. */
export function contentRange(
  headers: Headers,
): (ByteRange & { total: number | undefined }) | null | undefined {
  const header = headers.get('content-range')
  if (header === null) return null
  const [, start, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(header.trim()) ?? []
  if (start === undefined) return undefined
  const size = total === '*' ? undefined : Number(total)
  return { start: Number(start), end: Number(last) + 1, total: size }
}

/** The server answered something else than the range that it was asked for. */
export class RangeRefused extends Error {}

/**
 * Where in the file an answer's body begins. Servers cap ranges, answer another one, or wrap it in an envelope:
 * then the whole file is asked for instead.
 *
 * @param asked the range of the request
 * @throws RangeRefused
 * Sources: RFC 9110, sections 14.4 (Content-Range) and 14.6 (multipart/byteranges).
 */
export function rangeStart({ status, headers }: Response, { start, end }: ByteRange): number {
  if (headers.get('content-type')?.toLowerCase().startsWith('multipart/byteranges'))
    throw new RangeRefused()
  if (status !== 206) return 0
  const told = contentRange(headers)
  // Across origins it may be hidden.
  if (told === null || (told?.start === start && told.end === end)) return start
  throw new RangeRefused()
}

function lengthTold(response: Pick<Response, 'status' | 'headers' | 'type'>): number | null {
  if (response.status === 206) return totalLength(response.headers.get('content-range'))
  return isSizeCertain(response) ? Number(response.headers.get('content-length')) : null
}

/** Servers that compress mark the tag of what they compressed: as weak, or by a suffix. */
function plain(tag: string): string {
  const bare = tag.trim().replace(/^W\//, '').replaceAll('"', '')
  return bare.replace(/[-;:]+(?:gzip|br|zstd|deflate)$/, '')
}

/** Bytes of one range request: below 4 MiB latency costs more than parallel requests gain. */
const pieceLength = 8 * sliceLength

/**
 * Blocks of a file that lies on a plain server: byte ranges of the file's own URL, where the server offers
 * them, else all of it at once. A redirect to signed storage is followed anew by every request, so nothing
 * here expires.
 *
 * @param authorization goes to the file's own origin only; browsers drop it on a redirect to another one
 */
export function plainBlocks(info: FileInfo, authorization: string | undefined): BlockSource {
  const splits = info.ranges === true
  const bound: Record<string, string> = authorization === undefined ? {} : { authorization }
  const open = async (range: ByteRange): Promise<Block> =>
    blockOf(info, splits ? range : { start: 0, end: info.size }, splits)
  return {
    splits,
    expires: false,
    open,
    renew: (block) => open(block.range),
    usable: () => true,
    narrow: () => undefined,
    headers: ({ start, end }) =>
      splits ? { ...bound, range: `bytes=${start}-${end - 1}` } : bound,
    check: (response, bytes) => {
      // What a server answers in place of the range is of no use for one piece of many.
      if (bytes !== undefined && splits) {
        rangeStart(response, bytes)
        if (response.status !== 206) throw new RangeRefused()
      }
      const change = changedSince(info, response)
      if (change !== undefined) throw changed(change.how, info.url)
    },
    decoder: (hasher) => new SliceDecoder(hasher),
  }
}

function blockOf({ url, pinned = url }: FileInfo, range: ByteRange, splits: boolean): Block {
  const step = splits ? pieceLength : Math.max(1, range.end - range.start)
  const pieces: ByteRange[] = []
  for (let start = range.start; start < range.end; start += step)
    pieces.push({ start, end: Math.min(range.end, start + step) })
  return {
    range,
    runs: pieces.map((bytes) => ({
      xorb: '',
      chunks: slicesOf(bytes),
      offset: bytes.start,
      length: bytes.end - bytes.start,
    })),
    descriptors: pieces.map((bytes) => ({ xorb: '', chunks: slicesOf(bytes), bytes, url: pinned })),
    fetchedAt: 0,
    deadline: null,
    skew: 0,
    generation: 1,
  }
}

/** The error for a file whose answers do not fit together. */
export function changed(how: string, url: string): FerryError {
  return new FerryError('integrity', `The file changed on its server: ${how}. Ask for it again.`, {
    url,
    retryable: true,
  })
}

function slicesOf({ start, end }: ByteRange): ByteRange {
  return { start: Math.floor(start / sliceLength), end: Math.ceil(end / sliceLength) }
}

/** Blocks of a file on Xet: reconstruction calls, presigned URLs, chunk records. */
export function xetBlocks(info: FileInfo, reconstructions: Reconstructions): BlockSource {
  return {
    splits: true,
    expires: true,
    open: (range, options) => reconstructions.block(info, range, options),
    renew: (block, options) => reconstructions.renew(info, block, options),
    usable: (block, now) => isUsable(block, now),
    narrow: narrowBlocks,
    headers: ({ start, end }) => ({ range: `bytes=${start}-${end - 1}` }),
    // Chunks are compared by their hashes, whatever the storage says of itself.
    check: () => undefined,
    decoder: (hasher) => new RecordDecoder(hasher),
  }
}
