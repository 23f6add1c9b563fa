import type { HeldFile } from '../../protocol/HeldFile.ts'
import { copyCaches } from './copyCaches.ts'
import type { CopyPlaces } from './CopyPlaces.ts'
import { isOurCopy } from './isOurCopy.ts'
import type { KeptCopy } from '../../protocol/KeptCopy.ts'
import { platformPlaces } from './platformPlaces.ts'
import { wllamaCopies } from './wllamaCopies.ts'

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
