import type { Hasher } from '../../codec/chunk-record.ts'
import { type ByteRange, ByteSet } from '../../core/bytes.ts'
import { FerryError } from '../../core/errors.ts'
import { type JournalRun, rangeOf } from '../../store/runs.ts'
import { type PartialFile, type Proof } from '../../store/store.ts'

/**
 * A partial file in memory that is stricter than a real one: committed bytes are never written again, because a
 * reader may be reading them, and a finished file must match the hashes of its rows.
 */
export class MemoryFile implements PartialFile {
  readonly content: string
  readonly place: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly #hasher: Hasher
  #runs: JournalRun[] = []
  #open = false
  proof: Proof | undefined
  discarded = false

  constructor(content: string, size: number, hasher: Hasher) {
    this.content = content
    this.place = content
    this.bytes = new Uint8Array(size)
    this.#hasher = hasher
  }

  get size(): number {
    return this.bytes.length
  }

  get committed(): readonly JournalRun[] {
    return this.#runs
  }

  get held(): ByteSet {
    return new ByteSet(this.#runs.map(rangeOf))
  }

  begin(): this {
    if (this.#open) throw new FerryError('superseded', 'Two write the same file at once.')
    this.#open = true
    return this
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#mustBeOpen()
    const range = { start: offset, end: offset + bytes.length }
    if (this.held.missing(range).reduce((sum, gap) => sum + gap.end - gap.start, 0) < bytes.length)
      throw new FerryError('storage', `Bytes ${range.start} to ${range.end} are already committed.`)
    this.bytes.set(bytes, offset)
  }

  async commit(run: JournalRun): Promise<void> {
    this.#mustBeOpen()
    if (run.rows.length === 0) throw new FerryError('storage', 'A run without chunks.')
    this.#runs = [...this.#runs, run].toSorted((a, b) => a.offset - b.offset)
  }

  async read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    this.#mustBeOpen()
    const bytes = this.peek(range)
    if (bytes) return bytes
    throw new FerryError('storage', `Bytes ${range.start} to ${range.end} are not committed.`)
  }

  async drop(run: JournalRun): Promise<void> {
    this.#mustBeOpen()
    const bad = rangeOf(run)
    this.#runs = this.#runs.filter((other) => {
      const { start, end } = rangeOf(other)
      return end <= bad.start || start >= bad.end
    })
  }

  async flush(): Promise<void> {}

  async finish(proof: Proof): Promise<void> {
    this.#mustBeOpen()
    if (!this.held.covers({ start: 0, end: this.size }))
      throw new FerryError('storage', 'Not all of the file is committed.')
    for (const { offset, rows } of this.#runs) {
      let at = offset
      for (const { hash, length } of rows) {
        const seen = this.#hasher.chunk(this.bytes.subarray(at, at + length))
        if (!seen.every((byte, index) => byte === hash[index]))
          throw new FerryError('storage', `The chunk at ${at} does not match its hash.`)
        at += length
      }
    }
    this.proof = proof
    this.#open = false
  }

  async discard(): Promise<void> {
    this.discarded = true
    this.#open = false
  }

  async close(): Promise<void> {
    this.#open = false
  }

  peek(range: ByteRange): Uint8Array<ArrayBuffer> | undefined {
    return this.held.covers(range) ? this.bytes.slice(range.start, range.end) : undefined
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new FerryError('closed', `${this.content} is closed.`)
  }
}
