import { type ByteRange, type ByteSet, FerryError, overlaps, streamParts } from '../core/index.ts'
import {
  attempt,
  type AttemptRequest,
  type CallOptions,
  httpError,
  type Net,
} from '../net/index.ts'
import { ChunkRecordReader, type ChunkRow, type Hasher } from '../codec/index.ts'
import type { Run } from '../reconstruction/index.ts'
import type { JournalRun, PartialFile } from '../store/index.ts'

/** One range request and the handlers of its body. */
export interface PieceRequest {
  readonly url: string
  readonly bytes: ByteRange
  readonly headers: Record<string, string>
  readonly decoder: PieceDecoder
  /** Checks the headers of a successful response, and throws when the body is useless. */
  readonly check: (response: Response) => void
  readonly signal: AbortSignal
  readonly waiting?: CallOptions['waiting']
  readonly firstByteMs?: AttemptRequest['firstByteMs']
  readonly answerBy?: CallOptions['answerBy']
  /** Receives every chunk in order; the next part of the body is read when it has settled. */
  readonly take: (chunk: Chunk) => Promise<void>
  /** Receives the number of bytes as they arrive. */
  readonly arrived: (bytes: number) => void
}

/**
 * Fetches one signed range and decodes it while it arrives.
 *
 * @returns bytes of the whole stored object, if `Content-Range` is readable
 * @throws FerryError with `status` when refused, `network` when incomplete, `timeout` when stalled,
 *   `protocol` or `integrity` when the bytes are not chunk records
 * Sources: RFC 9110, section 14; Xet protocol, section on fetching xorb bytes.
 */
export async function fetchPiece(net: Net, request: PieceRequest): Promise<number | undefined> {
  const { url, bytes, headers, decoder, check, take, arrived, firstByteMs } = request
  const response = await attempt(net, { url, init: { headers }, firstByteMs }, request)
  if (!response.ok) throw await httpError('A part of the file', response, url)
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
  if (seen < skip + expected) throw cutShort(seen, skip + expected, url)
  for (const chunk of decoder.finish()) await take(chunk)
  return total
}

/** Cancels the body of a useless response. */
async function checked<T>(response: Response, look: () => T): Promise<T> {
  try {
    return look()
  } catch (error) {
    await response.body?.cancel()
    throw error
  }
}

/** Number of bytes in the body before the range, and the size of the whole object. */
function placeOf(
  response: Response,
  bytes: ByteRange,
  url: string,
): { skip: number; total: number | undefined } {
  if (response.status !== 206) return { skip: bytes.start, total: undefined }
  const served = contentRange(response.headers)
  if (served === null) return { skip: 0, total: undefined }
  if (served?.start !== bytes.start || served.end !== bytes.end)
    throw new FerryError(
      'protocol',
      `Content-Range is "${response.headers.get('content-range')?.slice(0, 80)}" instead of bytes ${bytes.start}-${bytes.end - 1}.`,
      { url, retryable: true },
    )
  return { skip: 0, total: served.total }
}

/**
 * Takes the chunks of one run in order and writes their bytes at their file offsets. Adjacent ranges of a file share
 * the chunk at their boundary. It belongs to the range in which it begins, so that bytes are never written again
 * while a reader may be reading them.
 */
export class RunWriter {
  readonly run: Run
  readonly #own: ByteRange
  readonly #held: ByteSet
  readonly #file: PartialFile
  #rows: ChunkRow[] = []
  #batch: Uint8Array[] = []
  #batched = 0
  #first: { readonly chunk: number; readonly offset: number } | undefined
  /** Bytes of the run so far, own or not. */
  taken = 0
  /** Own bytes so far, written or not. */
  kept = 0

  /**
   * @param own range of the file in which a chunk must begin to be kept
   * @param held all committed ranges of the file; committed bytes at the start of the range are not written again
   */
  constructor(run: Run, own: ByteRange, held: ByteSet, file: PartialFile) {
    this.run = run
    this.#own = { start: held.endFrom(Math.max(own.start, run.offset)), end: own.end }
    this.#held = held
    this.#file = file
  }

  /**
   * @param index of the chunk in its xorb; chunks outside of the run are ignored
   * @throws FerryError `integrity` when the lengths of chunks contradict those of their neighbours
   */
  async take({ hash, length, bytes }: Chunk, index: number): Promise<void> {
    const { chunks } = this.run
    if (index < chunks.start || index >= chunks.end) return
    const offset = this.run.offset + this.taken
    this.taken += length
    if (offset < this.#own.start || offset >= this.#own.end) return
    this.#first ??= { chunk: index, offset }
    this.#rows.push({ hash, length })
    this.#batch.push(bytes)
    this.#batched += length
    this.kept += length
  }

  /** Bytes that were taken but not written yet. */
  get waiting(): number {
    return this.#batched
  }

  /**
   * Writes the chunks since the last call.
   *
   * @returns them as a run for the journal; undefined without chunks
   */
  async end(): Promise<JournalRun | undefined> {
    const first = this.#first
    if (first === undefined) return undefined
    await this.#write(first.offset)
    const run = { xorb: this.run.xorb, ...first, rows: this.#rows }
    this.#first = undefined
    this.#rows = []
    return run
  }

  async #write(start: number): Promise<void> {
    const bytes = joined(this.#batch, this.#batched)
    this.#batch = []
    this.#batched = 0
    const range = { start, end: start + bytes.length }
    if (this.#held.ranges.some((known) => overlaps(known, range)))
      throw new FerryError('integrity', 'A chunk does not fit between its neighbours.', {
        retryable: true,
      })
    await this.#file.write(start, bytes)
  }
}

/** Concatenates the parts. */
export function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let filled = 0
  for (const part of parts) {
    bytes.set(part, filled)
    filled += part.length
  }
  return bytes
}

/** The error for a body that ended early. */
export function cutShort(seen: number, expected: number, url: string): FerryError {
  const message = `The connection ended after ${seen} of ${expected} bytes.`
  return new FerryError('network', message, { retryable: true, url })
}

/** `Content-Range`: null when it is missing, undefined when it is malformed. */
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

/** A decoded chunk. */
export interface Chunk extends ChunkRow {
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Turns the body of one range request into chunks. */
export interface PieceDecoder {
  /** @returns the chunks that became complete */
  push(part: Uint8Array<ArrayBuffer>): Iterable<Chunk>
  /**
   * @returns chunks that were complete only at the end
   * @throws FerryError `protocol` when bytes are left over
   */
  finish(): Iterable<Chunk>
}

/** Decodes chunk records of a xorb. */
export class RecordDecoder implements PieceDecoder {
  readonly #reader: ChunkRecordReader

  constructor(hasher: Hasher) {
    this.#reader = new ChunkRecordReader(hasher)
  }

  *push(part: Uint8Array<ArrayBuffer>): Iterable<Chunk> {
    for (const { bytes, hash } of this.#reader.push(part))
      yield { bytes, hash, length: bytes.length }
  }

  finish(): Iterable<Chunk> {
    this.#reader.finish()
    return []
  }
}

/** Bytes per row of a file that is not on Xet: the unit of verification after a resume. */
export const sliceLength: number = 2 ** 20

/** Splits a plain body into slices, so that files without chunks are journaled like the others. */
export class SliceDecoder implements PieceDecoder {
  readonly #hasher: Hasher
  #slice: Uint8Array<ArrayBuffer> = new Uint8Array(sliceLength)
  #filled = 0

  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  *push(part: Uint8Array<ArrayBuffer>): Iterable<Chunk> {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + sliceLength - this.#filled)
      this.#slice.set(taken, this.#filled)
      this.#filled += taken.length
      at += taken.length
      if (this.#filled === sliceLength) yield this.#take()
    }
  }

  *finish(): Iterable<Chunk> {
    if (this.#filled > 0) yield this.#take()
  }

  #take(): Chunk {
    const bytes = this.#slice.subarray(0, this.#filled)
    this.#slice = new Uint8Array(sliceLength)
    this.#filled = 0
    return { bytes, hash: this.#hasher.chunk(bytes), length: bytes.length }
  }
}
