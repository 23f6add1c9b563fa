import type { CatalogFile } from './CatalogFile.ts'
import type { Folder } from './Folder.ts'

/**
 * A finished file, by fresh handles: the `File` itself where it lies in one, else a Blob of its pieces.
 *
 * @returns undefined when bytes are gone or were cut short
 */
export async function openBlob(folder: Folder, entry: CatalogFile): Promise<Blob | undefined> {
  try {
    const slices = await Promise.all(
      entry.parts.map(async ({ name, at, length }) => {
        const file = await folder.blob(name)
        return at === 0 && length === file.size ? file : file.slice(at, at + length)
      }),
    )
    const [only, ...more] = slices
    const blob = only !== undefined && more.length === 0 ? only : new Blob(slices)
    return blob.size === entry.size ? blob : undefined
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
    throw error
  }
}
