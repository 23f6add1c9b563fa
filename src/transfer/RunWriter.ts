import type { ChunkRow } from '../codec/ChunkRow.ts'
import type { Run } from '../reconstruction/Run.ts'
import type { JournalRun } from '../store/JournalRun.ts'
import type { PartialFile } from '../store/PartialFile.ts'
import type { Chunk } from './PieceDecoder.ts'

/** Bytes collected before they are written: few large writes cost far less than many small ones. */
const batchLength = 4 * 2 ** 20

/** Takes the chunks of one run in order and puts their bytes where they belong. */
export class RunWriter {
  readonly run: Run
  readonly #file: PartialFile
  #rows: ChunkRow[] = []
  #batch: Uint8Array[] = []
  #batched = 0
  /** Bytes taken, written or not. */
  taken = 0

  constructor(run: Run, file: PartialFile) {
    this.run = run
    this.#file = file
  }

  /** @param index of the chunk in its xorb; chunks that do not belong to the run are left alone */
  async take(chunk: Chunk, index: number): Promise<void> {
    if (index < this.run.chunks.start || index >= this.run.chunks.end) return
    this.#rows.push({ hash: chunk.hash, length: chunk.length })
    this.#batch.push(chunk.bytes)
    this.#batched += chunk.length
    this.taken += chunk.length
    if (this.#batched >= batchLength) await this.#write()
  }

  /** Writes what is left; the run as far as it got, for the journal. */
  async end(): Promise<JournalRun> {
    await this.#write()
    const { xorb, chunks, offset } = this.run
    return { xorb, chunk: chunks.start, offset, rows: this.#rows }
  }

  async #write(): Promise<void> {
    if (this.#batched === 0) return
    const at = this.run.offset + this.taken - this.#batched
    const bytes = new Uint8Array(this.#batched)
    let filled = 0
    for (const part of this.#batch) {
      bytes.set(part, filled)
      filled += part.length
    }
    this.#batch = []
    this.#batched = 0
    await this.#file.write(at, bytes)
  }
}
