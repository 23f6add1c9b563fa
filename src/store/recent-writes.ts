// The newest bytes that were written to a file stay in memory for a while: when the device's storage is emptied, they
// need not be fetched again. Used by OpenPartial.
import { type ByteRange, ByteSet, overlaps } from '../core/index.ts'

/** Bytes that stay in memory, of all files that this realm writes. */
const most = 32 * 1024 * 1024
/** Files that this realm writes at present: they share the memory. */
let open = 0

export class RecentWrites {
  /** Oldest first. */
  #writes: { readonly range: ByteRange; readonly bytes: Uint8Array }[] = []
  #length = 0
  #closed = false

  constructor() {
    open += 1
  }

  /** @param bytes must not be changed afterwards */
  add(offset: number, bytes: Uint8Array): void {
    if (this.#closed) return
    this.#writes.push({ range: { start: offset, end: offset + bytes.length }, bytes })
    this.#length += bytes.length
    while (this.#length > most / open) {
      const oldest = this.#writes.shift()
      if (oldest === undefined) break
      this.#length -= oldest.bytes.length
    }
  }

  /** Forgets bytes that turned out wrong. */
  drop(wrong: ByteRange): void {
    this.#writes = this.#writes.filter(({ range }) => !overlaps(range, wrong))
    this.#length = this.#writes.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  /**
   * Writes everything again, in the order in which it was written.
   *
   * @returns what was written
   */
  async repeat(write: (offset: number, bytes: Uint8Array) => Promise<void>): Promise<ByteSet> {
    const written = new ByteSet()
    // Writes that come meanwhile are in the new folder already.
    const before = this.#writes.slice()
    for (const { range, bytes } of before) {
      await write(range.start, bytes)
      written.add(range)
    }
    return written
  }

  close(): void {
    if (!this.#closed) open -= 1
    this.#closed = true
    this.#writes = []
  }
}
