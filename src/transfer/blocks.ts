import { type ByteRange, contentRange, FerryError } from '../core/index.ts'
import {
  type AskOptions,
  type Block,
  isSizeCertain,
  isUsable,
  type Reconstructions,
} from '../reconstruction/index.ts'
import { cut, firstBlocks, type Span } from './plan.ts'
import { narrowBlocks } from './division.ts'
import { downloadKey } from './shared-download.ts'
import { SliceDecoder, sliceLength, type PieceDecoder } from './fetch-piece.ts'
import { ChunkRecordReader, type Hasher } from '../codec/index.ts'
import type { FileInfo } from '../data/index.ts'
import { hostOf, type Waiting } from '../net/index.ts'
import type { EngineTools } from './file-source.ts'

/** The source of a file's blocks: the CAS, or the plain origin itself. */
export interface BlockSource {
  /** Whether parts can be requested separately, so that the bytes before an aborted connection are kept. */
  readonly splits: boolean
  /** Whether its URLs are presigned, so that a refusal may mean that they expired. */
  readonly expires: boolean
  /** A valid block for exactly this range. */
  open(range: ByteRange, options: AskOptions): Promise<Block>
  /** A newer block, after a refusal or when it became stale. */
  renew(block: Block, options: AskOptions): Promise<Block>
  usable(block: Block, now: number): boolean
  /** Narrower ranges to request instead, if that keeps more connections busy. */
  narrow(block: Block, connections: number, roundTripMs: number): ByteRange[] | undefined
  /** Headers for a range request; presigned storage gets only the range. */
  headers(bytes: ByteRange): Record<string, string>
  /**
   * @param bytes the requested range; absent: any range that begins at the requested one is accepted
   * @throws FerryError `integrity` when a response shows that the file has changed
   * @throws RangeRefused when the response is not for that range
   */
  check(response: Response, bytes?: ByteRange): void
  decoder(hasher: Hasher): PieceDecoder
}

/**
 * Whether a response of a plain server shows that the file has changed since its info was read. Ranges of two
 * versions combined have the right length, and without a hash nothing else would detect it. Missing values, or values
 * that a page of another origin cannot read, count as unchanged.
 *
 * @returns the difference, for the error, and whether it is the length; undefined without a difference
 * Sources: RFC 9110, sections 8.8.2 (Last-Modified), 8.8.3 (entity tags) and 14.4 (Content-Range).
 */
export function changedSince(
  { size, etag, lastModified, sha256 }: Pick<FileInfo, 'size' | 'etag' | 'lastModified' | 'sha256'>,
  response: Pick<Response, 'status' | 'headers' | 'type'>,
): { readonly how: string; readonly length: boolean } | undefined {
  const { headers } = response
  const length = statedLength(response)
  if (length !== null && length !== size)
    return { how: `it had ${size} bytes and has ${length}`, length: true }
  const tag = headers.get('x-linked-etag') ?? headers.get('etag')
  const tagged = etag !== undefined && tag !== null
  // Across origins it is readable, and an ETag is not.
  const date = sha256 === undefined ? headers.get('last-modified') : null
  const [before, now] = tagged ? [etag, tag] : [lastModified, date]
  if (before !== undefined && now !== null && plain(before) !== plain(now))
    return { how: `its version was ${before} and is ${now}`, length: false }
  return undefined
}

/** The server did not answer with the requested range. */
export class RangeRefused extends Error {}

/**
 * The file offset of a response's body. Servers limit ranges, answer with another one, or wrap it in multipart: then
 * the whole file is requested instead.
 *
 * @param asked the range of the request
 * @throws RangeRefused
 * Sources: RFC 9110, sections 14.4 (Content-Range) and 14.6 (multipart/byteranges).
 */
export function rangeStart({ status, headers }: Response, { start, end }: ByteRange): number {
  if (headers.get('content-type')?.toLowerCase().startsWith('multipart/byteranges'))
    throw new RangeRefused()
  if (status !== 206) return 0
  const served = contentRange(headers.get('content-range'))
  // Across origins it may be unreadable.
  if (served === null || (served?.start === start && served.end === end)) return start
  throw new RangeRefused()
}

function statedLength(response: Pick<Response, 'status' | 'headers' | 'type'>): number | null {
  if (response.status === 206)
    return contentRange(response.headers.get('content-range'))?.total ?? null
  return isSizeCertain(response) ? Number(response.headers.get('content-length')) : null
}

/** Servers that compress a response change its ETag: to a weak one, or by a suffix. */
function plain(tag: string): string {
  const bare = tag.trim().replace(/^W\//, '').replaceAll('"', '')
  return bare.replace(/[-;:]+(?:gzip|br|zstd|deflate)$/, '')
}

/** Bytes of one range request: below 4 MiB latency costs more than parallel requests gain. */
const pieceLength = 8 * sliceLength

/**
 * Blocks of a file on a plain server: byte ranges of the file's own URL if the server supports them, otherwise the
 * whole file at once. Every request follows the redirect to signed storage again, so nothing here expires.
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
      // Another response than the range is useless for one piece of many.
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
  const pieces = cut(range, step)
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

/** The error for a file whose responses contradict each other. */
export function changed(how: string, url: string): FerryError {
  return new FerryError(
    'integrity',
    `The file changed on its server: ${how.slice(0, 200)}. Ask for it again.`,
    {
      url,
      retryable: true,
      errorCode: 'FileChanged',
    },
  )
}

/** Whether the file info that a request began with is outdated: with newer info it may succeed. */
export function isChanged(error: unknown): boolean {
  return error instanceof FerryError && error.errorCode === 'FileChanged'
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
    // Chunks are verified by their hashes, so the headers of the storage do not matter.
    check: () => undefined,
    decoder: (hasher) => new ChunkRecordReader(hasher),
  }
}

/**
 * Asks for the block of a range, which another request would fetch too: until that has come to it, then the block is not needed.
 *
 * @returns undefined if the other request goes on to fetch it, also after a failure
 * @throws the signal's reason
 */
export async function openRelief(
  { range, relieves }: Span,
  signal: AbortSignal,
  ask: AskOptions,
  blocks: Pick<BlockSource, 'open'>,
): Promise<Block | undefined> {
  if (!relieves) return await blocks.open(range, ask)
  const { authorization } = ask
  const either = AbortSignal.any([signal, relieves.over.signal])
  try {
    const block = await blocks.open(range, { authorization, signal: either })
    if (await relieves.leave()) return block
  } catch {
    relieves.refuse()
  }
  signal.throwIfAborted()
  return undefined
}

/** How long a call for the first block of a file may run without a download, milliseconds. */
const aheadMs = 2000
/** Up to this size a file needs no measurement of its own if space was measured a moment before, bytes. */
const measuredBytes = 32 * 2 ** 20

/** A call for the first block of a file. */
interface FirstCall {
  readonly abort: AbortController
  /** The last wait, for a download that takes the call over later. */
  waited?: Parameters<Waiting>
  waiting?: Waiting | undefined
}

/**
 * Requests the first blocks of files before their downloads need them. A download takes over the call for its file,
 * with its last wait.
 */
export class CallsAhead {
  readonly #tools: Pick<EngineTools, 'reconstructions' | 'store' | 'xet'>
  /** Calls without a download, by {@link callKey}. */
  readonly #calls = new Map<string, FirstCall>()

  constructor(tools: Pick<EngineTools, 'reconstructions' | 'store' | 'xet'>) {
    this.#tools = tools
  }

  /** Requests the block of a file that will be loaded if it is not on the device. */
  ask(info: FileInfo, authorization: string | undefined): void {
    const key = callKey(info, authorization)
    const { xet, reconstructions } = this.#tools
    if (this.#calls.has(key) || info.xetHash === undefined || xet === false) return
    if (reconstructions.distrusted.has(info.content)) return
    const call: FirstCall = { abort: new AbortController() }
    this.#calls.set(key, call)
    // Measures the room, which is then known for small files.
    if (info.size <= measuredBytes) void this.#tools.store.reserve(0, '').catch(() => undefined)
    void this.#tools.store.entry(info.content).then(
      (entry) => entry?.proof ?? this.#send(call, info, authorization, true),
      () => undefined,
    )
    setTimeout(() => {
      if (this.#calls.get(key) !== call) return
      this.#calls.delete(key)
      call.abort.abort()
    }, aheadMs)
  }

  /** Takes over the call for the block of a file whose download starts, or makes one. */
  take(info: FileInfo, { authorization, waiting, signal }: AskOptions): void {
    const key = callKey(info, authorization)
    const asked = this.#calls.get(key)
    this.#calls.delete(key)
    const call = asked ?? { abort: new AbortController() }
    call.waiting = waiting
    if (call.waited) waiting?.(...call.waited)
    signal?.addEventListener('abort', () => call.abort.abort(), { once: true })
    if (!asked) this.#send(call, info, authorization)
  }

  #send(call: FirstCall, info: FileInfo, authorization: string | undefined, ahead = false): void {
    const [first] = info.xetHash === undefined ? [] : firstBlocks(info.size)
    const waiting: Waiting = (...wait) => {
      call.waited = wait
      call.waiting?.(...wait)
    }
    const options = { authorization, waiting, ahead, signal: call.abort.signal }
    if (first) void this.#tools.reconstructions.block(info, first, options).catch(() => undefined)
  }
}

/** A download takes over only what was asked of the same hub with the same credential. */
function callKey(info: FileInfo, authorization: string | undefined): string {
  return [hostOf(info.url), downloadKey(info), authorization].join(' ')
}
