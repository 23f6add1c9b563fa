import { type Clock, systemClock } from '../core/index.ts'
import type { HeldFile, KeptCopy } from '../data/index.ts'

/** The storage of libraries of this origin: the platform's, except in tests. */
export interface CopyPlaces {
  readonly caches: Pick<CacheStorage, 'has' | 'open'>
  /** Root of the origin's private files. */
  readonly folder: () => Promise<FileSystemDirectoryHandle>
}

/** Names of the caches of libraries: that of transformers.js, and those of web-llm. */
const copyCaches: readonly string[] = [
  'transformers-cache',
  'webllm/model',
  'webllm/config',
  'webllm/wasm',
]

/**
 * Whether a cache entry for a URL is a response of modelferry with the bytes of the stored file. A cache stores a
 * response's headers; responses of other sources or other revisions do not count.
 *
 * @param headers of the cache entry
 * @param file the stored file of the same URL
 */
export function isOurCopy(headers: Headers, file: HeldFile): boolean {
  const proven = file.complete && (file.verified === 'xet' || file.verified === 'sha256')
  const ours = ['hit', 'stream'].includes(headers.get('x-modelferry') ?? '')
  const same =
    headers.get('etag') === file.etag && headers.get('content-length') === String(file.size)
  return proven && ours && same && file.etag !== undefined
}

/** Caches and private files of this origin. Access throws when the browser blocks them. */
function platformPlaces(): CopyPlaces {
  return { caches: self.caches, folder: () => navigator.storage.getDirectory() }
}

/** Prefix of the name of a file's description. */
const prefix = '__metadata__'

/**
 * The copies that wllama stores: a folder `cache` with files and descriptions of them, which contain the URL.
 */
async function wllamaCopies(
  held: ReadonlyMap<string, HeldFile>,
  folder: CopyPlaces['folder'],
): Promise<KeptCopy[]> {
  const cache = await (await folder()).getDirectoryHandle('cache')
  const copies: KeptCopy[] = []
  for await (const name of cache.keys()) {
    if (!name.startsWith(prefix)) continue
    try {
      const { originalURL: url } = JSON.parse(await (await fileOf(cache, name)).text())
      if (!held.has(url)) continue
      const { size } = await fileOf(cache, name.slice(prefix.length))
      copies.push({ url, place: 'wllama', size, removable: false })
    } catch {
      // Not from wllama, incomplete, or removed meanwhile.
    }
  }
  return copies
}

async function fileOf(folder: FileSystemDirectoryHandle, name: string): Promise<File> {
  return await (await folder.getFileHandle(name)).getFile()
}

/**
 * Finds second copies of stored files in the storage of libraries. It reads headers and names, no bytes. When the
 * browser blocks access, the result is empty.
 *
 * @param files stored files
 * @param places the platform's, except in tests
 */
export async function findCopies(
  files: readonly HeldFile[],
  { caches, folder }: CopyPlaces = platformPlaces(),
): Promise<readonly KeptCopy[]> {
  const held = new Map(files.flatMap((file) => file.urls.map((url) => [url, file] as const)))
  const found = [
    ...copyCaches.map((name) => cacheCopies(held, caches, name)),
    wllamaCopies(held, folder),
  ]
  return (await Promise.all(found.map((copies) => copies.catch(() => [])))).flat()
}

async function cacheCopies(
  held: ReadonlyMap<string, HeldFile>,
  caches: CopyPlaces['caches'],
  place: string,
): Promise<KeptCopy[]> {
  // Opening a missing cache would create it.
  if (!(await caches.has(place))) return []
  const cache = await caches.open(place)
  const copies: KeptCopy[] = []
  for (const request of await cache.keys()) {
    const { url } = request
    const file = held.get(url)
    const kept = file && (await cache.match(request))
    if (!file || !kept) continue
    const length = kept.headers.get('content-length')
    const size = length === null ? (await kept.blob()).size : Number(length)
    copies.push({ url, place, size, removable: isOurCopy(kept.headers, file) })
  }
  return copies
}

/**
 * Minimum age of a removed copy, milliseconds. web-llm adds an entry, reads it at once, and fails when it is missing.
 * A library that has opened an entry can read it to its end, even after its removal.
 */
const settleMs = 2000

/** The used part of the loader. */
interface Holder {
  files(): Promise<readonly HeldFile[]>
  holds(url: string): Promise<boolean>
}

/**
 * Removes copies that existed two seconds ago, still exist, and whose file is available.
 *
 * @param holder of the files
 * @param signal aborts the wait and the removal
 * @param places the platform's, except in tests
 * @returns the removed copies
 */
export async function removeCopies(
  holder: Holder,
  signal?: AbortSignal,
  places: CopyPlaces = platformPlaces(),
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<readonly KeptCopy[]> {
  const removable = async (): Promise<readonly KeptCopy[]> =>
    (await findCopies(await holder.files(), places)).filter((copy) => copy.removable)
  const before = await removable()
  if (before.length === 0) return []
  await clock.sleep(settleMs, signal)
  const removed: KeptCopy[] = []
  for (const copy of await removable()) {
    const { url, place } = copy
    signal?.throwIfAborted()
    if (!before.some((old) => old.url === url && old.place === place)) continue
    if (!(await holder.holds(url))) continue
    if (await (await places.caches.open(place)).delete(url)) removed.push(copy)
  }
  return removed
}
