import { type ByteRange, ByteSet, FerryError, streamParts } from '../core/index.ts'
import { attempt, httpError, type Waiting } from '../net/index.ts'
import { changed, changedSince, isChanged, rangeStart, RangeRefused } from './blocks.ts'
import { SliceDecoder, sliceLength } from './fetch-piece.ts'
import { afterFailure, commitBytes, commitMs, isCut } from './load-piece.ts'
import { Batch, cutShort } from './fetch-piece.ts'
import { Outage } from './fallback.ts'
import type { ChunkRow, DecodedChunk } from '../codec/index.ts'
import type { FileInfo } from '../data/index.ts'
import {
  chunksOfRun,
  type JournalRun,
  type PartialFile,
  rangeOf,
  sameRow,
  type Store,
} from '../store/index.ts'
import { smallFileLimit } from '../reconstruction/index.ts'
import type { ChunkVerifier } from './chunk-verifier.ts'
import type { DownloadTools } from './file-source.ts'

/** Dependencies of {@link fetchPlain}. */
interface PlainFetchContext {
  readonly tools: Pick<DownloadTools, 'net' | 'hasher' | 'online' | 'openResponses'>
  readonly info: FileInfo
  readonly authorization: string | undefined
  /** Whether ranges may be requested; false when the server's ranges were unusable. */
  readonly ranges: boolean
  readonly signal: AbortSignal
  /** Failures without progress after which it gives up; undefined: by the retry policy. */
  readonly most?: number | undefined
  readonly file: PartialFile
  readonly verifier: ChunkVerifier
  readonly committed: (run: JournalRun) => void
  readonly arrived: (bytes: number) => void
  readonly waiting: Waiting
}

/** Bytes before a continuation that are requested again, to verify that both responses are of one file. */
const overlap = 64

/** Requests that may find another version: behind a balancer, the next server may have the right one. */
const mostOthers = 3

/**
 * Fetches the missing parts of a file from its own URL, one request at a time. Without a hash, a response is
 * continued by another one only if both have the same strong ETag and the same Last-Modified, and agree on the bytes at
 * their boundary. Otherwise the file is fetched from its start, and the bytes are compared with the committed ones. A response of another version
 * than the file info is never used.
 *
 * @throws FerryError `integrity` when the file has changed, or is longer than announced; `network`, `timeout`,
 *   refusals of the server; the signal's reason
 * Sources: RFC 9110, sections 13.1.5 (If-Range), 14.2 (Range), 15.3.7 (206).
 */
export async function fetchPlain(context: PlainFetchContext): Promise<void> {
  const { info, signal, verifier, tools } = context
  const outage = new Outage(tools, context)
  const all = { start: 0, end: info.size }
  let resumable = context.ranges && (info.sha256 !== undefined || isStrong(info.etag))
  let others = 0
  while (!verifier.held.covers(all)) {
    const before = verifier.held.size
    const gap = resumable ? (verifier.held.missing(all)[0] ?? all) : all
    try {
      await fetchOnce(gap, resumable, context)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof RangeRefused && resumable) resumable = false
      else if (resumable && isChanged(error) && before > 0 && others < mostOthers) others += 1
      else {
        const failure = { error, expires: false, nearDeadline: false }
        const code = error instanceof FerryError ? error.code : undefined
        if (code === 'integrity' || afterFailure(failure) === 'stop') throw error
        if (verifier.held.size > before) outage.over()
        if (!(await outage.wait(error, info.pinned ?? info.url))) throw error
      }
    }
  }
}

/**
 * Fetches a gap, and other missing parts when the server sends the whole file.
 *
 * @param resumable whether another response may continue this one at any byte
 */
async function fetchOnce(
  gap: ByteRange,
  resumable: boolean,
  context: PlainFetchContext,
): Promise<void> {
  const { tools, info, authorization, signal, file, verifier, waiting } = context
  const { url, pinned = url, size, etag = '', lastModified, sha256 } = info
  let start = Math.max(0, gap.start - overlap)
  const opened = tools.openResponses?.take(info.content, signal, (from) => {
    const continues = from < gap.start && verifier.held.covers({ start: from, end: gap.start })
    const usable = gap.end === size && (from === gap.start || (from > 0 && continues))
    if (usable) start = from
    return usable
  })
  const whole = gap.start === 0 && gap.end === size
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  if (!whole) {
    headers['range'] = `bytes=${start}-${gap.end === size ? '' : gap.end - 1}`
    // Across origins the header costs a preflight that few servers allow; there the ETag is compared.
    if (sha256 === undefined && !info.moved && isSameOrigin(pinned)) headers['if-range'] = etag
  }
  const { clock, retry } = tools.net
  const options = { signal, waiting, answerBy: clock.now() + retry.outageMs }
  const ask = { url: pinned, init: { headers }, reuse: true }
  const response = opened ?? (await attempt(tools.net, ask, options))
  const writer = new SliceWriter(context)
  try {
    if (response.status === 416) throw new RangeRefused()
    if (!response.ok) throw await httpError('The file', response, pinned)
    const from = rangeStart(response, whole ? { start: 0, end: size } : { start, end: gap.end })
    const change = sha256 === undefined ? changedSince(info, response) : undefined
    // The bytes of another version must not get the content id of the file info.
    if (change) throw change.length && !whole ? new RangeRefused() : changed(change.how, url)
    const isSame = response.headers.get('etag') === etag
    if (from > 0 && sha256 === undefined) {
      // One ETag with two dates may be two versions, or two servers of one version: only all bytes tell.
      const date = response.headers.get('last-modified') ?? lastModified
      if (!isSame || (lastModified && date !== lastModified)) throw new RangeRefused()
    }
    writer.cuts = resumable && (sha256 !== undefined || isSame)
    // A gap near the start is asked for from byte 0; only a whole answer goes on behind it.
    const until = from === 0 && response.status !== 206 ? size : gap.end
    let at = from
    let segments = segmentsOf(from, until, verifier)
    for await (let part of streamParts(response.body)) {
      context.arrived(part.length)
      if (at + part.length > until) {
        if (until === size || !whole)
          throw changed(`it is longer than the ${size} bytes announced`, url)
        part = part.subarray(0, until - at)
      }
      if (from > 0 && at < gap.start) {
        const seen = part.subarray(0, Math.min(part.length, gap.start - at))
        await compare(seen, { start: at, end: at + seen.length }, file)
        at += seen.length
        part = part.subarray(seen.length)
        segments = segments.filter(({ end }) => end > at)
      }
      while (part.length > 0) {
        const [segment] = segments
        if (segment === undefined) break
        const taken = part.subarray(0, segment.end - at)
        await writer.take(taken, at, segment)
        at += taken.length
        part = part.subarray(taken.length)
        if (at === segment.end) segments = segments.slice(1)
      }
    }
    await writer.end()
    if (at < until) throw cutShort(at, until, url)
  } catch (error) {
    // The bytes before a cut or a cancel are correct; the next request continues them.
    if (isCut(error, signal) && !isChanged(error)) await writer.end()
    throw error
  } finally {
    writer.release()
    await response.body?.cancel().catch(() => undefined)
  }
}

interface Segment extends ByteRange {
  readonly held: boolean
}

/** The range, split at the boundaries of committed runs: the last slice of each may be short. */
function segmentsOf(start: number, end: number, { held, runs, lost }: ChunkVerifier): Segment[] {
  const borders = [...runs.map(rangeOf), ...lost, { start, end }].flatMap((range) => [
    range.start,
    range.end,
  ])
  let at = start
  return [...new Set(borders)]
    .filter((to) => to > start && to <= end)
    .toSorted((a, b) => a - b)
    .map((to) => {
      const range = { start: at, end: to }
      at = to
      return { ...range, held: held.covers(range) }
    })
}

/** Splits a body into slices: missing ones are written, committed ones are compared. */
class SliceWriter {
  readonly #context: PlainFetchContext
  readonly #known = new Map<number, ChunkRow>()
  readonly #decoder: SliceDecoder
  #segment: Segment | undefined
  #offset = 0
  #rows: ChunkRow[] = []
  readonly #batch: Batch
  #since: number
  /** Whether a slice may be committed before it is complete, because another response may continue it. */
  cuts = false

  constructor(context: PlainFetchContext) {
    this.#context = context
    this.#decoder = new SliceDecoder(context.tools.hasher)
    this.#since = context.tools.net.clock.now()
    this.#batch = new Batch(context.info.size)
    for (const run of context.verifier.runs)
      for (const chunk of chunksOfRun('', run)) this.#known.set(chunk.offset, chunk)
  }

  async take(bytes: Uint8Array<ArrayBuffer>, at: number, segment: Segment): Promise<void> {
    if (this.#segment !== segment) {
      this.#segment = segment
      this.#offset = at
    }
    for (const slice of this.#decoder.push(bytes)) await this.#slice(slice)
    const complete = at + bytes.length === segment.end
    if (complete || this.#isLate) await this.end(complete || this.#cuts)
  }

  /** What is on the device, or was before it lost it, is compared by its own slices. */
  get #cuts(): boolean {
    return this.cuts && !this.#segment?.held && this.#context.verifier.lost.length === 0
  }

  get #isLate(): boolean {
    return this.#context.tools.net.clock.now() - this.#since >= commitMs
  }

  /** Commits what has come. @param all whether the last slice too, which is not complete */
  async end(all: boolean = this.#cuts): Promise<void> {
    if (all) for (const slice of this.#decoder.finish()) await this.#slice(slice)
    if (this.#batch.length === 0) return
    const { file, committed, tools } = this.#context
    const bytes = this.#batch.take()
    const offset = this.#offset - bytes.length
    const chunk = Math.floor(offset / sliceLength)
    const run = { xorb: '', chunk, offset, rows: this.#rows }
    // Before the write: slices whose write fails must not be committed by another call.
    this.#rows = []
    await file.write(offset, bytes)
    await file.commit(run)
    this.#since = tools.net.clock.now()
    committed(run)
  }

  /** Gives the memory back; not while `take` or `end` runs. */
  release(): void {
    this.#batch.release()
  }

  async #slice({ bytes, hash, length }: DecodedChunk): Promise<void> {
    const { info } = this.#context
    const known = this.#known.get(this.#offset)
    this.#offset += length
    if (this.#segment?.held) {
      const same = known && sameRow(known, { hash, length })
      if (!same && info.sha256 === undefined) throw changed('its bytes differ', info.url)
      return
    }
    this.#rows.push({ hash, length })
    this.#batch.add(bytes)
    if (this.#batch.length >= commitBytes || this.#isLate) await this.end()
  }
}

async function compare(seen: Uint8Array, range: ByteRange, file: PartialFile): Promise<void> {
  const here = await file.read(range)
  if (here.some((byte, at) => byte !== seen[at])) throw new RangeRefused()
}

/**
 * The `Range` of the question about a file of another origin that is on the device, all of it or a part. A whole body
 * would be ended unread, but much of it may have been sent by then.
 *
 * @param reads whether a load will continue with the response; otherwise its headers are enough
 * @returns undefined where ranges cannot be joined
 */
export async function rangeToAsk(
  store: Pick<Store, 'journal'>,
  { content, size, ranges, sha256, etag }: FileInfo,
  reads: boolean,
): Promise<string | undefined> {
  if (!ranges || size <= smallFileLimit || sha256 !== undefined || !isStrong(etag)) return undefined
  const held = new ByteSet((await store.journal(content)).map(rangeOf)).endFrom(0)
  if (held <= overlap) return undefined
  return reads && held < size ? `bytes=${held - overlap}-` : 'bytes=0-0'
}

function isStrong(etag: string | undefined): boolean {
  return etag?.startsWith('"') ?? false
}

/** Whether this realm's requests for a URL need no CORS; in tests without an origin they never do. */
export function isSameOrigin(url: string): boolean {
  const { location } = globalThis as { location?: { readonly origin: string } }
  return location === undefined || new URL(url).origin === location.origin
}
