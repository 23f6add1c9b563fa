import type { CatalogFile } from './CatalogFile.ts'
import type { Folder } from './Folder.ts'

/**
 * A finished file, by fresh handles: the `File` itself where it lies in one, else a Blob of its pieces.
 *
 * @returns undefined when bytes are gone or were cut short
 */
export async function openBlob(folder: Folder, entry: CatalogFile): Promise<Blob | undefined> {
  try {
    const slices: Blob[] = []
    for (const { name, at, length } of entry.parts) {
      const file = await folder.blob(name)
      if (file.size < at + length) return undefined
      if (length === entry.size && file.size === length) return file
      slices.push(file.slice(at, at + length))
    }
    const blob = new Blob(slices)
    return blob.size === entry.size ? blob : undefined
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
    throw error
  }
}
