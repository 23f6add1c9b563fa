import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import type { Block } from '../reconstruction/Block.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { BlockSource } from './BlockSource.ts'
import { changedSince } from './changedSince.ts'
import { SliceDecoder, sliceLength } from './SliceDecoder.ts'

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
    check: (response) => {
      const change = changedSince(info, response)
      if (change !== undefined) throw changed(change, info.url)
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

function changed(how: string, url: string): FerryError {
  return new FerryError(
    'integrity',
    `The file changed on its server while it was fetched: ${how}. Ask for it again.`,
    { url, retryable: true },
  )
}

function slicesOf({ start, end }: ByteRange): ByteRange {
  return { start: Math.floor(start / sliceLength), end: Math.ceil(end / sliceLength) }
}
