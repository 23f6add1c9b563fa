// A stored file whose bytes are compared with their hashes before they are sent: once per process and block. Disks
// lose bytes silently, and an upload that an older version truncated looks like any other file.

import type { ByteRange } from '../../core/index.ts'
import { HubRefusal } from '../refusals.ts'
import { open, stat, type FileHandle } from 'node:fs/promises'

/** The expected content of a stored file. */
export interface Expected {
  /** Name of the file in errors, such as `xorb 1a2b…`. */
  readonly name: string
  readonly path: string
  /** Ends of the blocks, in ascending order; the first one begins at 0. */
  readonly ends: readonly number[]
  /** Whether a block has the right hash. */
  readonly isIntact: (block: Uint8Array<ArrayBuffer>, index: number) => boolean
  /** Called for every block that is found damaged. */
  readonly onDamage: (index: number) => void
}

const PART = 256 * 1024
const unknown = 0
const intact = 1
const damaged = 2

/** Reads a stored file, checking each block at its first use. */
export class CheckedFile {
  readonly #expected: Expected
  readonly #state: Uint8Array
  /** Identity of the file on disk to which `#state` belongs. */
  #stamp = ''

  constructor(expected: Expected) {
    this.#expected = expected
    this.#state = new Uint8Array(expected.ends.length)
  }

  /**
   * Bytes as a stream that reads only when it is pulled.
   *
   * @param range bytes to deliver, within the file
   * @returns a stream that errors at a damaged block, before any byte of that block is delivered
   * @throws HubRefusal 500 when the range is known to be damaged
   */
  read(range: ByteRange): ReadableStream<Uint8Array> {
    for (let at = this.#blockAt(range.start); this.#startOf(at) < range.end; at++) {
      if (this.#state[at] === damaged) throw this.#damage()
    }
    let at = range.start
    let file: FileHandle | undefined
    const close = async (): Promise<void> => {
      await file?.close()
      file = undefined
    }
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            if (at < range.end) {
              file ??= await this.#open()
              const part = await this.#next(file, { start: at, end: range.end })
              at += part.byteLength
              controller.enqueue(part)
            }
            if (at < range.end) return
            await close()
            controller.close()
          } catch (error) {
            await close()
            throw error
          }
        },
        cancel: close,
      },
      { highWaterMark: 0 },
    )
  }

  /** Like {@link read}, for a small range at once. */
  async readAll(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(range.end - range.start)
    const file = await this.#open()
    try {
      for (let at = 0; at < bytes.byteLength;) {
        const part = await this.#next(file, { start: range.start + at, end: range.end })
        bytes.set(part, at)
        at += part.byteLength
      }
      return bytes
    } finally {
      await file.close()
    }
  }

  /** Checks all remaining blocks, and returns whether every one is intact. */
  async check(): Promise<boolean> {
    let file: FileHandle | undefined
    try {
      file = await this.#open()
      for (let index = 0; index < this.#state.length; index++) {
        if (this.#state[index] !== intact) await this.#load(file, index)
      }
      return true
    } catch {
      return false
    } finally {
      await file?.close()
    }
  }

  async #open(): Promise<FileHandle> {
    const { path } = this.#expected
    const { size, mtimeMs, ino } = await stat(path)
    const stamp = `${ino} ${size} ${mtimeMs}`
    if (stamp !== this.#stamp) this.#state.fill(unknown)
    this.#stamp = stamp
    return await open(path, 'r')
  }

  async #next(file: FileHandle, { start, end }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const index = this.#blockAt(start)
    if (this.#state[index] !== intact) {
      const block = await this.#load(file, index)
      const from = this.#startOf(index)
      return block.subarray(start - from, end - from)
    }
    let last = index
    while (this.#state[last + 1] === intact && this.#endOf(last) < end) last++
    const wanted = Math.min(PART, Math.min(end, this.#endOf(last)) - start)
    const bytes = await readFully(file, start, new Uint8Array(wanted))
    if (bytes.byteLength < wanted) throw this.#damage(index)
    return bytes
  }

  async #load(file: FileHandle, index: number): Promise<Uint8Array<ArrayBuffer>> {
    const start = this.#startOf(index)
    const block = await readFully(file, start, new Uint8Array(this.#endOf(index) - start))
    const fine =
      block.byteLength === this.#endOf(index) - start && this.#expected.isIntact(block, index)
    if (!fine) throw this.#damage(index)
    this.#state[index] = intact
    return block
  }

  #damage(index?: number): HubRefusal {
    if (index !== undefined) {
      this.#state[index] = damaged
      this.#expected.onDamage(index)
    }
    return new HubRefusal(500, `The stored ${this.#expected.name} is damaged. Upload it again.`)
  }

  #blockAt(offset: number): number {
    const { ends } = this.#expected
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! <= offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : (this.#expected.ends[index - 1] ?? Infinity)
  }

  #endOf(index: number): number {
    return this.#expected.ends[index]!
  }
}

/**
 * Fills a buffer from a file.
 *
 * @param start offset in the file
 * @returns the filled part, which is shorter only at the end of the file
 */
export async function readFully(
  file: FileHandle,
  start: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  let at = 0
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}
