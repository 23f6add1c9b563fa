import { Folder, isOwnName } from './folder.ts'
import type { StoreParts } from './room.ts'
import type { CatalogFile } from './store.ts'

/** An answer made from a file may still be read this long after the file was last handed out. */
const lastUseMs = 10 * 60_000
/** `lastUsed` is exact to this. */
const touchMs = 60_000

/** What decides who has to go. */
interface EvictionQuestion {
  readonly files: readonly CatalogFile[]
  /** Bytes that have to become free. */
  readonly need: number
  /** Epoch milliseconds. */
  readonly now: number
  /** Content ids somebody is at work on. */
  readonly busy: ReadonlySet<string>
}

/**
 * Picks the files to be evicted: complete, unpinned, not in use, longest unused first, and none whose going
 * would make no difference.
 *
 * @returns undefined when everything that may go is not enough: then nothing should go
 */
export function evict(question: EvictionQuestion): readonly CatalogFile[] | undefined {
  const { files, need, now, busy } = question
  const candidates = files
    .filter((file) => file.state === 'complete' && !file.pinned && !busy.has(file.content))
    .filter((file) => now - file.lastUsed > lastUseMs + touchMs)
    .toSorted((a, b) => a.lastUsed - b.lastUsed)
  const chosen: CatalogFile[] = []
  let freed = 0
  for (const file of candidates) {
    if (freed >= need) break
    chosen.push(file)
    freed += file.size
  }
  if (freed < need) return undefined
  return chosen.toReversed().filter((file) => {
    if (freed - file.size < need) return true
    freed -= file.size
    return false
  })
}

/**
 * Claims room for a file in OPFS: it is then so long, and holds zeros. Exact to the byte, where a sync access
 * handle is not: Chromium rounds what that one claims up to the next power of two, or to the next 128 MiB (156),
 * so that a file of 36 MB needs 64 MiB to begin with.
 *
 * @param file empty, or nobody's
 * @param bytes its length
 * @param keep called while the file is locked: whether it shall stay so, else nothing of it happens
 * @returns whether there was room
 */
export async function claimByStream(
  file: FileSystemFileHandle,
  bytes: number,
  keep: () => Promise<boolean>,
): Promise<boolean> {
  const stream = await file.createWritable()
  try {
    await stream.truncate(bytes)
    if (!(await keep())) await stream.abort()
    else await stream.close()
    return true
  } catch (error) {
    await stream.abort().catch(() => undefined)
    if (error instanceof Error && error.name === 'QuotaExceededError') return false
    throw error
  }
}

/** How exactly the room is measured, bytes. */
const gauge = 1024 * 1024

/**
 * How many of so many bytes there is room for, found out by claiming them: what `navigator.storage.estimate`
 * tells is made to say nothing about the device (Chromium 156 names 10 GiB more than are in use, whatever the
 * quota). All is believed where there are no writable streams to claim with (Safari before 26).
 *
 * @param root OPFS folder to do it in
 * @param bytes wanted
 * @returns `bytes` when there is room for all, else what there is room for
 */
export async function claimable(root: FileSystemDirectoryHandle, bytes: number): Promise<number> {
  // A crash leaves it behind: nobody knows it, so it is swept.
  const name = `claim-${crypto.randomUUID()}`
  const file: Partial<FileSystemFileHandle> = await root.getFileHandle(name, { create: true })
  const fits = (some: number): Promise<boolean> =>
    claimByStream(file as FileSystemFileHandle, some, async () => false)
  try {
    if (file.createWritable === undefined || (await fits(bytes))) return bytes
    let [most, tooMany] = [0, bytes]
    while (tooMany - most > gauge) {
      const middle = Math.floor((most + tooMany) / 2)
      if (await fits(middle)) most = middle
      else tooMany = middle
    }
    return most
  } finally {
    await root.removeEntry(name).catch(() => undefined)
  }
}

/** An answer made from a removed file may still read it this long. */
const answerMs = 10 * 60_000
/** Beyond this share of the quota, room is worth more than an answer that is probably over. */
const tightShare = 0.9

/**
 * Deletes bytes of this release's making that nobody knows, and those of files that were removed long enough ago,
 * or, when room is tight, at all. What another realm has open stays for the next time.
 */
export async function sweepRoom(room: StoreParts): Promise<void> {
  const { root, catalog, clock } = room
  // Folders are listed before the catalog is read: a folder made in between is in the catalog already.
  const folders: string[] = []
  await root.run(async (handle) => {
    for await (const name of handle.keys()) if (isOwnName(name)) folders.push(name)
  })
  const { files, gone } = await catalog.contents()
  const known = new Set([...files, ...gone].map(({ name }) => name))
  const { usage = 0, quota = Infinity } = await room.estimate()
  const tight = usage > quota * tightShare
  const due = gone.filter(({ at }) => tight || clock.now() - at > answerMs).map(({ name }) => name)
  for (const name of [...folders.filter((folder) => !known.has(folder)), ...due]) {
    if (await new Folder(root, name, clock).remove()) await catalog.forget(name)
  }
}
