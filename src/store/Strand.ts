import type { ByteRange } from '../core/ByteRange.ts'
import type { FilePart } from './FilePart.ts'
import type { Folder } from './Folder.ts'

/** Up to here a strand stays in memory, since a file for every short run would cost more than its bytes. */
const spillBytes = 4 * 1024 * 1024

/** Consecutive bytes that were written one after the other: first in memory, then in a piece file. */
export class Strand {
  readonly name: string
  /** First byte in the model file. */
  readonly offset: number
  /** Bytes of it that were given a place. */
  placed = 0
  readonly #folder: Folder
  readonly #spill: number
  #length = 0
  #memory: Uint8Array<ArrayBuffer>[] = []
  #stream: FileSystemWritableFileStream | undefined
  #closed = false

  /** @param spill bytes that stay in memory; 0: none */
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

  /** Nobody will ask for anything in it: all was placed, and can be seen or lies elsewhere. */
  get spent(): boolean {
    return this.placed >= this.#length && (this.#closed || this.#stream === undefined)
  }

  async append(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice()
    if (this.#stream === undefined && this.#length + copy.length <= this.#spill) {
      this.#memory.push(copy)
    } else {
      const stream = await this.#spilled()
      await stream.write(copy)
    }
    this.#length += copy.length
  }

  /** Bytes of a range of the model file; undefined when they are in the piece file. */
  buffered(range: ByteRange): Uint8Array<ArrayBuffer> | undefined {
    if (this.#stream !== undefined) return undefined
    const bytes = new Uint8Array(range.end - range.start)
    let at = this.offset - range.start
    for (const each of this.#memory) {
      const surplus = Math.max(0, -at)
      const room = bytes.length - Math.max(0, at)
      if (surplus < each.length && room > 0) {
        bytes.set(each.subarray(surplus, surplus + room), Math.max(0, at))
      }
      at += each.length
    }
    return bytes
  }

  part(range: ByteRange): FilePart {
    const { start, end } = range
    return { name: this.name, offset: start, at: start - this.offset, length: end - start }
  }

  /** Makes what is in the piece file visible; nothing can be appended any more. What is in memory stays. */
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
      for (const bytes of this.#memory.splice(0)) await this.#stream.write(bytes)
    }
    return this.#stream
  }
}
