import type { Clock } from '../core/Clock.ts'
import type { FilePart } from './FilePart.ts'
import { retryBusy } from './retryBusy.ts'

/** How long a reader waits for the moment between two writes. */
const readPatienceMs = 3000
/** How long a writer waits for another's handle: the other may be a realm that is being ended. */
const openPatienceMs = 8000

/** One model file's folder in OPFS: bytes in `data` or in piece files, and journals. */
export class Folder {
  readonly #root: FileSystemDirectoryHandle
  readonly #clock: Clock
  readonly name: string

  constructor(root: FileSystemDirectoryHandle, name: string, clock: Clock) {
    this.#root = root
    this.name = name
    this.#clock = clock
  }

  async handle(name: string, create = false): Promise<FileSystemFileHandle> {
    const folder = await this.#root.getDirectoryHandle(this.name, { create })
    return folder.getFileHandle(name, { create })
  }

  /** Fresh each time: a `File` that was kept goes stale when its bytes change. */
  async blob(name: string): Promise<File> {
    return (await this.handle(name)).getFile()
  }

  /** @throws DOMException as `createSyncAccessHandle` does, `NoModificationAllowedError` only after a while */
  open(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
    return retryBusy(this.#clock, openPatienceMs, () => handle.createSyncAccessHandle())
  }

  /** All bytes of one OPFS file from `start` on. */
  async readFrom(name: string, start: number): Promise<Uint8Array<ArrayBuffer>> {
    return retryBusy(this.#clock, readPatienceMs, async () => {
      const file = await this.blob(name)
      return new Uint8Array(await file.slice(start).arrayBuffer())
    })
  }

  /**
   * Bytes of the model file.
   *
   * @param parts in order, without overlaps
   * @param start first byte in the model file
   * @param end behind the last one
   * @returns undefined when the parts do not cover the range, or a file is shorter than it should be
   */
  async read(
    parts: readonly FilePart[],
    start: number,
    end: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = new Uint8Array(end - start)
    let next = start
    for (const part of parts) {
      const from = next - part.offset
      const to = Math.min(end - part.offset, part.length)
      if (from < 0 || to <= from) continue
      const stretch = await retryBusy(this.#clock, readPatienceMs, async () => {
        const file = await this.blob(part.name)
        return file.slice(part.at + from, part.at + to).arrayBuffer()
      })
      if (stretch.byteLength !== to - from) return undefined
      bytes.set(new Uint8Array(stretch), next - start)
      next += to - from
    }
    return next === end ? bytes : undefined
  }

  /** Bytes on the device, journals included. */
  async size(): Promise<number> {
    let size = 0
    for (const name of await this.names()) size += (await this.blob(name)).size
    return size
  }

  /** Empty when there is no such folder. */
  async names(): Promise<string[]> {
    try {
      const names: string[] = []
      const folder = await this.#root.getDirectoryHandle(this.name)
      for await (const name of folder.keys()) names.push(name)
      return names
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return []
      throw error
    }
  }

  /** Deletes all files but these; what is in use by another realm stays for the next time. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    const folder = await this.#root.getDirectoryHandle(this.name)
    for (const name of await this.names()) {
      if (!names.has(name)) await folder.removeEntry(name).catch(() => undefined)
    }
  }

  /** @returns whether the folder is gone now */
  async remove(): Promise<boolean> {
    try {
      await this.#root.removeEntry(this.name, { recursive: true })
      return true
    } catch (error) {
      return error instanceof DOMException && error.name === 'NotFoundError'
    }
  }
}
