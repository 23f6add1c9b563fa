import {
  type ByteRange,
  type ByteSet,
  contentRange,
  FerryError,
  overlaps,
  streamParts,
} from '../core/index.ts'
import { attempt, type CallOptions, httpError, type Net } from '../net/index.ts'
import type { ChunkRow, DecodedChunk, Hasher } from '../codec/index.ts'
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
  readonly firstByteMs?: number | undefined
  readonly answerBy?: CallOptions['answerBy']
  /**
   * Receives every chunk in order, whose bytes are valid until it returns; the next part of the body is read when its
   * promise has settled.
   */
  readonly take: (chunk: DecodedChunk) => Promise<void>
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
  const ask = { url, init: { headers }, firstByteMs, reuse: true, mayQueue: true }
  const response = await attempt(net, ask, request)
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
  const served = contentRange(response.headers.get('content-range'))
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
  readonly #start: number
  readonly #own: ByteRange
  readonly #held: ByteSet
  readonly #file: PartialFile
  #rows: ChunkRow[] = []
  readonly #batch: Batch
  #first: { readonly chunk: number; readonly offset: number } | undefined
  /** Bytes of the run so far, own or not. */
  taken = 0
  /** Own bytes so far, written or not. */
  kept = 0

  /**
   * @param own range of the file in which a chunk must begin to be kept; its end may move to a place that is not reached yet
   * @param held all committed ranges of the file; committed bytes at the start of the range are not written again
   */
  constructor(run: Run, own: ByteRange, held: ByteSet, file: PartialFile) {
    this.run = run
    this.#own = own
    this.#start = held.endFrom(Math.max(own.start, run.offset))
    this.#held = held
    this.#file = file
    this.#batch = new Batch(run.length)
  }

  /**
   * @param index of the chunk in its xorb; chunks outside of the run are ignored
   * @throws FerryError `integrity` when the lengths of chunks contradict those of their neighbours
   */
  take({ hash, length, bytes }: DecodedChunk, index: number): void {
    const { chunks } = this.run
    if (index < chunks.start || index >= chunks.end) return
    const offset = this.run.offset + this.taken
    this.taken += length
    if (offset < this.#start || offset >= this.#own.end) return
    this.#first ??= { chunk: index, offset }
    this.#rows.push({ hash, length })
    this.#batch.add(bytes)
    this.kept += length
  }

  /** Bytes that were taken but not written yet. */
  get waiting(): number {
    return this.#batch.length
  }

  /**
   * Writes the chunks since the last call.
   *
   * @returns them as a run for the journal; undefined without chunks
   */
  async end(): Promise<JournalRun | undefined> {
    const first = this.#first
    if (first === undefined) return undefined
    const run = { xorb: this.run.xorb, ...first, rows: this.#rows }
    // Before the write: chunks whose write fails must not be committed by another call.
    this.#first = undefined
    this.#rows = []
    await this.#write(first.offset)
    return run
  }

  /** Gives the memory back; not while `end` runs. */
  release(): void {
    this.#batch.release()
  }

  async #write(start: number): Promise<void> {
    const bytes = this.#batch.take()
    const range = { start, end: start + bytes.length }
    if (this.#held.ranges.some((known) => overlaps(known, range)))
      throw new FerryError('integrity', 'A chunk does not fit between its neighbours.', {
        retryable: true,
      })
    await this.#file.write(start, bytes)
  }
}

/** Bytes of a usual write: 2 MiB are committed at once, and the last chunk may exceed them by its length. */
const slabLength = 2 * 2 ** 20 + 2 ** 17
/** Buffers of this length that no batch uses; there are some only while others are in use. */
let spare: Uint8Array<ArrayBuffer>[] = []
let inUse = 0

/**
 * The bytes of one write, then of the next, in the same buffer, because new buffers would be allocated faster than
 * they are collected.
 */
export class Batch {
  readonly #most: number
  #bytes: Uint8Array<ArrayBuffer> | undefined
  length = 0

  /** @param most bytes of all its writes */
  constructor(most: number) {
    this.#most = most
  }

  /** Copies the bytes. */
  add(bytes: Uint8Array): void {
    this.#bytes ??= this.#most < slabLength ? new Uint8Array(this.#most) : takeSlab()
    const length = this.length + bytes.length
    if (length > this.#bytes.length) {
      // Only a wrong reconstruction leads to more bytes than announced.
      const larger = new Uint8Array(2 * length)
      larger.set(this.#bytes.subarray(0, this.length))
      this.release()
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.length)
    this.length = length
  }

  /** @returns the bytes since the last call, valid until the next `add` */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = (this.#bytes ?? new Uint8Array(0)).subarray(0, this.length)
    this.length = 0
    return bytes
  }

  /** Gives the buffer back. Nothing may be writing its bytes. */
  release(): void {
    if (this.#bytes?.length === slabLength) giveSlab(this.#bytes)
    this.#bytes = undefined
  }
}

function takeSlab(): Uint8Array<ArrayBuffer> {
  inUse += 1
  return spare.pop() ?? new Uint8Array(slabLength)
}

function giveSlab(slab: Uint8Array<ArrayBuffer>): void {
  inUse -= 1
  spare = inUse > 0 ? [...spare, slab] : []
}

/** The error for a body that ended early. */
export function cutShort(seen: number, expected: number, url: string): FerryError {
  const message = `The connection ended after ${seen} of ${expected} bytes.`
  return new FerryError('network', message, { retryable: true, url })
}

/** Turns the body of one range request into chunks: `ChunkRecordReader` for xorbs, or {@link SliceDecoder}. */
export interface PieceDecoder {
  /**
   * @param part may be reused after the last chunk was taken
   * @returns the chunks that became complete; the bytes of one are valid until the realm's hasher is used again
   */
  push(part: Uint8Array<ArrayBuffer>): Iterable<DecodedChunk>
  /**
   * @returns chunks that were complete only at the end
   * @throws FerryError `protocol` when bytes are left over
   */
  finish(): Iterable<DecodedChunk>
}

/** Bytes per row of a file that is not on Xet: the unit of verification after a resume. */
export const sliceLength: number = 2 ** 20

/** Splits a plain body into slices, so that files without chunks are journaled like the others. */
export class SliceDecoder implements PieceDecoder {
  readonly #hasher: Hasher
  readonly #slice: Uint8Array<ArrayBuffer> = new Uint8Array(sliceLength)
  #filled = 0

  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  *push(part: Uint8Array<ArrayBuffer>): Iterable<DecodedChunk> {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + sliceLength - this.#filled)
      this.#slice.set(taken, this.#filled)
      this.#filled += taken.length
      at += taken.length
      if (this.#filled === sliceLength) yield this.#take()
    }
  }

  *finish(): Iterable<DecodedChunk> {
    if (this.#filled > 0) yield this.#take()
  }

  #take(): DecodedChunk {
    const bytes = this.#slice.subarray(0, this.#filled)
    this.#filled = 0
    return { bytes, hash: this.#hasher.chunk(bytes), length: bytes.length }
  }
}
