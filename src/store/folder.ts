// The OPFS folders of files, and the repetition of operations that fail because another realm is busy.
import { type ByteRange, type Clock, FerryError } from '../core/index.ts'
import type { FilePart } from './runs.ts'
import type { CatalogFile } from './store.ts'

/**
 * Retries an operation a few times while a file is busy: `NotReadableError`, because it changed between opening the
 * handle and reading; `NoModificationAllowedError`, because another realm has it open.
 *
 * @param patienceMs total time limit
 */
export async function retryBusy<T>(
  clock: Pick<Clock, 'sleep'>,
  patienceMs: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let pause = 1, waited = 0; ; pause = Math.min(pause * 2, 50)) {
    try {
      return await work()
    } catch (error) {
      const name = error instanceof DOMException ? error.name : ''
      const busy = name === 'NotReadableError' || name === 'NoModificationAllowedError'
      if (!busy || waited >= patienceMs) throw error
    }
    await clock.sleep(pause, signal)
    waited += pause
  }
}

/** Longest wait of a reader for the time between two writes. */
const readPatienceMs = 3000
/** Longest wait of a writer for the handle of another realm, which may be terminating. */
const openPatienceMs = 8000

/**
 * The OPFS folder of modelferry. A handle outlives its folder, which is deleted when the site's data is cleared or
 * the app empties its private files. Then the folder is created again.
 */
export class Root {
  readonly #name: string
  #opened: Promise<FileSystemDirectoryHandle> | undefined

  constructor(name: string) {
    this.#name = name
  }

  /**
   * @param work is repeated in a new folder when something is not found
   * @throws FerryError `unsupported` without OPFS, or when the browser refuses it; the error of the work
   */
  async run<T>(work: (root: FileSystemDirectoryHandle) => Promise<T>): Promise<T> {
    const opened = this.#open()
    try {
      return await work(await opened)
    } catch (error) {
      if (this.#opened === opened) this.#opened = undefined
      if (!isMissing(error)) throw error
    }
    return await work(await this.#open())
  }

  #open(): Promise<FileSystemDirectoryHandle> {
    return (this.#opened ??= openRoot(this.#name))
  }
}

/** Whether a file or folder does not exist (any more). */
function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError'
}

/** Whether the file's folder, or what lay in it, was removed. */
export function isLoss(error: unknown): boolean {
  return isMissing(error) || (error instanceof FerryError && isMissing(error.cause))
}

/** The error of a read that no committed run covers, or of an OPFS file that is shorter than its runs. */
export function notHeld({ start, end }: ByteRange): FerryError {
  const message = `Bytes ${start} to ${end} are not on the device. Ask for the file again.`
  return new FerryError('storage', message, { retryable: true })
}

/** Whether the device has no room. */
export function isFull(error: unknown): boolean {
  const failure = storageError(error, '')
  return failure instanceof FerryError && failure.code === 'quota'
}

/** For `catch`: undefined for errors of one kind; others are thrown. */
type Only = (error: unknown) => undefined

function only(isExpected: (error: unknown) => boolean): Only {
  return (error) => {
    if (!isExpected(error)) throw error
  }
}

export const ifMissing: Only = only(isMissing)
export const ifLost: Only = only(isLoss)
export const ifFull: Only = only(isFull)

/** One model file's folder in OPFS, for a realm that only reads its bytes: `data`, or piece files. */
export class FolderReader {
  protected readonly root: Pick<Root, 'run'>
  protected readonly clock: Clock
  readonly name: string
  /** The folder, if this realm made it: it need not be looked up for each file in it. */
  declare protected made: FileSystemDirectoryHandle | undefined

  constructor({ root, clock }: { root: Pick<Root, 'run'>; clock: Clock }, name: string) {
    this.root = root
    this.name = name
    this.clock = clock
  }

  /** @throws DOMException `NotFoundError` when the folder was deleted, also with `create` */
  async handle(name: string, create = false): Promise<FileSystemFileHandle> {
    const folder = this.made ?? (await this.root.run((root) => root.getDirectoryHandle(this.name)))
    return await folder.getFileHandle(name, { create })
  }

  /** New each time: a `File` object becomes stale when its bytes change. */
  async blob(name: string): Promise<File> {
    return (await this.handle(name)).getFile()
  }

  /**
   * Bytes of the model file.
   *
   * @param parts in order, without overlaps
   * @param start first byte in the model file
   * @param end after the last byte
   * @returns undefined when the parts do not cover the range, or a file is too short
   */
  async read(
    parts: readonly FilePart[],
    start: number,
    end: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let bytes = new Uint8Array(0)
    let next = start
    for (const part of parts) {
      const from = next - part.offset
      const to = Math.min(end - part.offset, part.length)
      if (from < 0 || to <= from) continue
      const buffer = await retryBusy(this.clock, readPatienceMs, async () => {
        const file = await this.blob(part.name)
        return file.slice(part.at + from, part.at + to).arrayBuffer()
      })
      const stretch = new Uint8Array(buffer)
      if (stretch.length !== to - from) return undefined
      if (stretch.length === end - start) return stretch
      if (next === start) bytes = new Uint8Array(end - start)
      bytes.set(stretch, next - start)
      next += to - from
    }
    return next === end ? bytes : undefined
  }
}

/** The same folder with its journals, for a realm that writes it. */
export class Folder extends FolderReader {
  async make(): Promise<void> {
    this.made = await this.root.run((root) => root.getDirectoryHandle(this.name, { create: true }))
  }

  /** @throws DOMException of `createSyncAccessHandle`; `NoModificationAllowedError` only after retries */
  open(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
    return retryBusy(this.clock, openPatienceMs, () => handle.createSyncAccessHandle())
  }

  /** All bytes of one OPFS file from `start` on. */
  async readFrom(name: string, start: number): Promise<Uint8Array<ArrayBuffer>> {
    return retryBusy(this.clock, readPatienceMs, async () => {
      const file = await this.blob(name)
      return new Uint8Array(await file.slice(start).arrayBuffer())
    })
  }

  /** Bytes on the device, journals included. */
  async size(): Promise<number> {
    let size = 0
    for (const name of await this.#names()) size += (await this.blob(name)).size
    return size
  }

  /** Names of its files; empty when the folder does not exist. */
  async #names(): Promise<string[]> {
    try {
      const names: string[] = []
      const folder = await this.root.run((root) => root.getDirectoryHandle(this.name))
      for await (const name of folder.keys()) names.push(name)
      return names
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  /** Deletes all files but these; files in use by another realm stay for the next time. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    const folder = await this.root.run((root) => root.getDirectoryHandle(this.name))
    for (const name of await this.#names()) {
      if (!names.has(name)) await folder.removeEntry(name).catch(() => undefined)
    }
  }

  /** Deletes it, and its entry among the removed ones; a folder in use stays for the next time. */
  async remove(catalog: { forget(name: string): Promise<void> }): Promise<void> {
    const removal = this.root.run((root) => root.removeEntry(this.name, { recursive: true }))
    if (await removal.then(() => true, isMissing)) await catalog.forget(this.name)
  }
}

/** @throws FerryError `unsupported` without OPFS, or when the browser refuses it */
async function openRoot(name: string): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory()
    return await root.getDirectoryHandle(name, { create: true })
  } catch (error) {
    throw new FerryError(
      'unsupported',
      `The browser gives no private file system (OPFS): ${String(error)}. Use https, allow storage, or leave the private window.`,
      { cause: error },
    )
  }
}

/** A unique, readable name for a new folder of these bytes. */
export function folderName(content: string): string {
  const stem = content.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `${stem.slice(0, 80)}.${crypto.randomUUID()}`
}

/** The OPFS file with the bytes of a model file, each at its own offset, when it is written in place. */
export const dataName = 'data'

/**
 * A finished file, by new handles: the `File` itself if it is a single OPFS file, else a Blob of its pieces.
 *
 * @returns undefined when bytes are missing
 */
export async function openBlob(
  folder: FolderReader,
  entry: CatalogFile,
): Promise<Blob | undefined> {
  const opened = entry.parts.map(async ({ name, at, length }) => {
    const file = await folder.blob(name)
    return at === 0 && length === file.size ? file : file.slice(at, at + length)
  })
  const slices = await Promise.all(opened).catch(ifMissing)
  const blob = slices?.length === 1 ? slices[0] : slices && new Blob(slices)
  return blob?.size === entry.size ? blob : undefined
}

/**
 * Converts a failure of the browser's storage to a FerryError. FerryErrors and aborts are unchanged.
 *
 * @param doing description for the message: "writing model bytes"
 */
export function storageError(error: unknown, doing: string): unknown {
  if (error instanceof FerryError) return error
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  if (name === 'AbortError') return error
  if (name === 'QuotaExceededError') {
    return new FerryError(
      'quota',
      `There was no room on the device while ${doing}. Remove files or free disk space, then try again.`,
      { cause: error, retryable: true },
    )
  }
  return new FerryError(
    'storage',
    `The browser's storage failed while ${doing}: ${String(error)}. Try again; if it stays so, clear this site's data.`,
    { cause: error, retryable: true },
  )
}

const uuid = /[.-][\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/**
 * Whether a name in the store's folder was created by this release: a model file's folder, or a temporary test file.
 * Other names belong to a newer release that this one has replaced.
 */
export function isOwnName(name: string): boolean {
  return uuid.test(name)
}
