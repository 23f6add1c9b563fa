import type { HeldFile } from '../../protocol/HeldFile.ts'
import type { CopyPlaces } from './CopyPlaces.ts'
import type { KeptCopy } from '../../protocol/KeptCopy.ts'

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
