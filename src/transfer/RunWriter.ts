import type { ChunkRow } from '../codec/ChunkRow.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import type { ByteSet } from '../core/ByteSet.ts'
import { FerryError } from '../core/FerryError.ts'
import type { Run } from '../reconstruction/Run.ts'
import type { JournalRun } from '../store/JournalRun.ts'
import type { PartialFile } from '../store/PartialFile.ts'
import { overlaps } from './overlaps.ts'
import type { Chunk } from './PieceDecoder.ts'

/** Bytes collected before they are written: few large writes cost far less than many small ones. */
const batchLength = 4 * 2 ** 20

/**
 * Takes the chunks of one run in order and puts their bytes where they belong. Neighbouring stretches of a
 * file share the chunk at their border: it belongs to the one in which it begins, so that bytes which
 * somebody may be reading are never written again.
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
  /** Bytes of the run seen so far, own or not. */
  taken = 0
  /** Bytes to be kept so far, written or not. */
  kept = 0

  /**
   * @param own stretch of the file in which a chunk has to begin to be kept
   * @param held what is committed of the file, by whomever; what of it the stretch begins with stays
   */
  constructor(run: Run, own: ByteRange, held: ByteSet, file: PartialFile) {
    this.run = run
    this.#own = { start: held.endFrom(Math.max(own.start, run.offset)), end: own.end }
    this.#held = held
    this.#file = file
  }

  /**
   * @param index of the chunk in its xorb; chunks that do not belong to the run are left alone
   * @throws FerryError `integrity` when chunks have other lengths than their neighbours leave room for
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
    if (this.#batched >= batchLength) await this.#write()
  }

  /** Writes what is left; the run as far as it got, for the journal; undefined when nothing is kept. */
  async end(): Promise<JournalRun | undefined> {
    await this.#write()
    return this.#first && { xorb: this.run.xorb, ...this.#first, rows: this.#rows }
  }

  async #write(): Promise<void> {
    if (this.#batched === 0 || !this.#first) return
    const bytes = new Uint8Array(this.#batched)
    let filled = 0
    for (const part of this.#batch) {
      bytes.set(part, filled)
      filled += part.length
    }
    this.#batch = []
    this.#batched = 0
    const end = this.#first.offset + this.kept
    const range = { start: end - bytes.length, end }
    if (this.#held.ranges.some((known) => overlaps(known, range)))
      throw new FerryError(
        'integrity',
        'Chunks have other lengths than their neighbours leave room for; they are fetched again.',
        { retryable: true },
      )
    await this.#file.write(range.start, bytes)
  }
}
