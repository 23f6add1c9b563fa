import { type Clock, systemClock } from '../core/index.ts'
import type { HeldFile, KeptCopy } from '../protocol/index.ts'

/** Where libraries of this origin keep things: the platform's, except in tests. */
export interface CopyPlaces {
  readonly caches: Pick<CacheStorage, 'has' | 'open'>
  /** Root of the origin's private files. */
  readonly folder: () => Promise<FileSystemDirectoryHandle>
}

/** Caches in which libraries keep what they loaded: transformers.js' own, and those of web-llm. */
export const copyCaches: readonly string[] = [
  'transformers-cache',
  'webllm/model',
  'webllm/config',
  'webllm/wasm',
]

/**
 * Whether what a cache keeps for a URL is what we answered it with, and still the file we hold. A cache keeps
 * an answer's headers; what came from elsewhere, or is of another revision, is none of ours.
 *
 * @param headers of the kept answer
 * @param file that is held for the same URL
 */
export function isOurCopy(headers: Headers, file: HeldFile): boolean {
  const proven = file.complete && (file.verified === 'xet' || file.verified === 'sha256')
  const ours = ['hit', 'stream'].includes(headers.get('x-modelferry') ?? '')
  const same =
    headers.get('etag') === file.etag && headers.get('content-length') === String(file.size)
  return proven && ours && same && file.etag !== undefined
}

/** Caches and private files of this origin. Where the browser keeps them shut, whoever asks hears of it. */
export function platformPlaces(): CopyPlaces {
  return { caches: self.caches, folder: () => navigator.storage.getDirectory() }
}

/** What stands before the name of a file's description. */
const prefix = '__metadata__'

/**
 * What wllama keeps of files that are here: a folder `cache` of files and of descriptions of them, which name
 * the URL.
 */
export async function wllamaCopies(
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
      // Not of wllama, half written, or removed meanwhile.
    }
  }
  return copies
}

async function fileOf(folder: FileSystemDirectoryHandle, name: string): Promise<File> {
  return await (await folder.getFileHandle(name)).getFile()
}

/**
 * What libraries keep of files that are here. Reads headers and names, no bytes; where the browser lets
 * nobody look, nothing is found.
 *
 * @param files that are here
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
  // To open one that is not there would make it.
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
 * How old a copy has to be, milliseconds. web-llm adds an entry, asks for it at once, and fails when it is
 * gone; whoever got hold of an entry may read it to its end, removed or not.
 */
const settleMs = 2000

/** What is asked of the loader. */
interface Holder {
  files(): Promise<readonly HeldFile[]>
  holds(url: string): Promise<boolean>
}

/**
 * Removes copies that were there two seconds ago, are still there, and are of a file whose bytes are at hand.
 *
 * @param holder of the files
 * @param signal ends the wait and what would follow it
 * @param places the platform's, except in tests
 * @returns what was removed
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
