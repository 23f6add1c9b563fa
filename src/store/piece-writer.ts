// The driver without sync access handles: one file for each piece.
import type { ByteRange } from '../core/index.ts'
import { notHeld, storageError, type Folder } from './folder.ts'
import { encodeJournal, journalName, type JournalEntry } from './journal.ts'
import { gather, notWritten, serial, type DataWriter, type RecentWrite } from './writer.ts'
import type { FilePart } from './runs.ts'

/** Up to this size a piece stays in memory, because a file for every short run would be too expensive. */
const spillBytes = 4 * 1024 * 1024

/** Consecutively written bytes: first in memory, then in a piece file. */
export class PieceFile {
  readonly name: string
  /** First byte in the model file. */
  readonly offset: number
  /** Bytes of it that were placed. */
  placed = 0
  readonly #folder: Folder
  readonly #spill: number
  #length = 0
  #memory: (RecentWrite & { readonly bytes: Uint8Array<ArrayBuffer> })[] = []
  #stream: FileSystemWritableFileStream | undefined
  #closed = false

  /** @param spill maximum bytes in memory; 0: none */
  constructor(folder: Folder, name: string, offset: number, spill: number = spillBytes) {
    this.#folder = folder
    this.name = name
    this.offset = offset
    this.#spill = spill
  }

  get end(): number {
    return this.offset + this.#length
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Whether it is no longer needed: all was placed, and is visible or stored elsewhere. */
  get spent(): boolean {
    return this.placed >= this.#length && (this.#closed || this.#stream === undefined)
  }

  async append(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice()
    const { end: start } = this
    if (this.#stream === undefined && this.#length + copy.length <= this.#spill) {
      this.#memory.push({ range: { start, end: start + copy.length }, bytes: copy })
    } else {
      const stream = await this.#spilled()
      await stream.write(copy)
    }
    this.#length += copy.length
  }

  /** Bytes of a range of the model file; undefined when they are in the piece file. */
  buffered(range: ByteRange): Uint8Array<ArrayBuffer> | undefined {
    return this.#stream === undefined ? gather(this.#memory, range) : undefined
  }

  part(range: ByteRange): FilePart {
    const { start, end } = range
    return { name: this.name, offset: start, at: start - this.offset, length: end - start }
  }

  /** Makes the bytes of the piece file visible; nothing can be appended afterwards. Bytes in memory stay. */
  async close(): Promise<void> {
    if (this.#stream === undefined || this.#closed) return
    this.#closed = true
    await this.#stream.close()
  }

  async abandon(): Promise<void> {
    this.#memory = []
    if (this.#stream !== undefined && !this.#closed) await this.#stream.abort()
    this.#closed = true
  }

  async #spilled(): Promise<FileSystemWritableFileStream> {
    if (this.#stream === undefined) {
      const handle = await this.#folder.handle(this.name, true)
      this.#stream = await handle.createWritable()
      for (const { bytes } of this.#memory.splice(0)) await this.#stream.write(bytes)
    }
    return this.#stream
  }
}

/**
 * Writes through writable streams, in every realm with OPFS. Bytes of a stream become visible only when it is closed,
 * and opening a file again copies it. So bytes go to many files, each written once. A run that is written without
 * interruption gets its own file; short runs share one.
 */
export class PieceWriter implements DataWriter {
  readonly #folder: Folder
  readonly #generation: number
  readonly #queue = serial()
  #pieces: PieceFile[] = []
  /** The piece of the short runs. */
  #pool: PieceFile | undefined
  #count = 0
  /** The error of a stream that lost placed bytes: later operations must fail. */
  #broken: unknown
  #journals = 0

  constructor(folder: Folder, generation: number) {
    this.#folder = folder
    this.#generation = generation
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.#do('writing model bytes', async () => {
      let piece = this.#pieces.find((other) => other.end === offset && !other.closed)
      if (piece === undefined) {
        await this.#abandon({ start: offset, end: offset + bytes.length })
        piece = this.#piece(offset)
        this.#pieces.push(piece)
      }
      await piece.append(bytes)
    })
  }

  place(range: ByteRange): Promise<readonly FilePart[]> {
    return this.#do('writing model bytes', async () => {
      const parts: FilePart[] = []
      for (let next = range.start; next < range.end;) {
        const start = next
        // The newest first: rewritten bytes replace earlier ones.
        const piece = this.#pieces.findLast((each) => each.offset <= start && start < each.end)
        if (piece === undefined) throw notWritten(range)
        const end = Math.min(piece.end, range.end)
        const short = piece.buffered({ start, end })
        parts.push(
          short === undefined ? piece.part({ start, end }) : await this.#pooled(start, short),
        )
        piece.placed += end - start
        next = end
      }
      this.#pieces = this.#pieces.filter((piece) => !piece.spent)
      return parts
    })
  }

  keeps(): boolean {
    return true
  }

  read(parts: readonly FilePart[], range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    return this.#do('reading model bytes', async () => {
      const open = [...this.#open()].some((piece) => parts.some(({ name }) => name === piece.name))
      if (open) await this.#settle()
      const bytes = await this.#folder.read(parts, range.start, range.end)
      if (bytes !== undefined) return bytes
      throw notHeld(range)
    })
  }

  /** The bytes are invisible until their piece file is closed. */
  append(): Promise<boolean> {
    return Promise.resolve(false)
  }

  flush(entries: readonly JournalEntry[]): Promise<number> {
    return this.#do('writing the journal', async () => {
      await this.#settle()
      const name = journalName(this.#generation, this.#journals)
      const journal = await (await this.#folder.handle(name, true)).createWritable()
      await journal.write(encodeJournal(entries))
      await journal.close()
      return ++this.#journals
    })
  }

  /** Nothing is claimed beforehand. */
  async trim(): Promise<void> {}

  async close(): Promise<void> {
    if (this.#broken !== undefined) return
    await this.#do('closing model files', async () => {
      for (const piece of this.#pieces) if (piece.placed === 0) await piece.abandon()
      await this.#settle()
      this.#pieces = []
    })
  }

  #piece(offset: number, spill?: number): PieceFile {
    const name = `${this.#generation}.${this.#count++}.piece`
    return new PieceFile(this.#folder, name, offset, spill)
  }

  *#open(): Iterable<PieceFile> {
    if (this.#pool !== undefined) yield this.#pool
    for (const piece of this.#pieces) if (piece.placed > 0 && !piece.closed) yield piece
  }

  /** Closes every piece with placed bytes, so that they become visible. */
  async #settle(): Promise<void> {
    for (const piece of this.#open())
      await piece.close().catch((error: unknown) => {
        this.#broken ??= storageError(error, 'closing a piece file')
      })
    if (this.#broken !== undefined) throw this.#broken
    this.#pool = undefined
    this.#pieces = this.#pieces.filter((piece) => !piece.spent)
  }

  async #pooled(offset: number, bytes: Uint8Array): Promise<FilePart> {
    this.#pool ??= this.#piece(0, 0)
    const part = { name: this.#pool.name, offset, at: this.#pool.end, length: bytes.length }
    await this.#pool.append(bytes)
    return part
  }

  /** A failed attempt is written again from its start; the old bytes are useless. */
  async #abandon(range: ByteRange): Promise<void> {
    const old = this.#pieces.filter(
      (piece) => piece.placed === 0 && piece.offset < range.end && piece.end > range.start,
    )
    this.#pieces = this.#pieces.filter((piece) => !old.includes(piece))
    for (const piece of old) await piece.abandon()
  }

  #do<T>(doing: string, work: () => Promise<T>): Promise<T> {
    return this.#queue(async () => {
      if (this.#broken !== undefined) throw this.#broken
      try {
        return await work()
      } catch (error) {
        throw storageError(error, doing)
      }
    })
  }
}
