import type { HeldFile } from '../protocol/HeldFile.ts'
import type { StoredFile } from '../store/StoredFile.ts'

/**
 * What a page may know of a stored file.
 *
 * @param names URLs by branches, by the address that names the commit
 */
export function heldFile(
  file: StoredFile,
  names: ReadonlyMap<string, readonly string[]>,
): HeldFile {
  const { urls, content, size, held, state, lastUsed, proof, pinned } = file
  const newest = urls.toSorted((a, b) => b.checkedAt - a.checkedAt)[0]
  const { commit: revision, etag } = newest?.info ?? {}
  return {
    urls: urls.flatMap(({ url }) => [...(names.get(url) ?? []), url]),
    content,
    size,
    held,
    complete: state === 'complete',
    lastUsed,
    pinned,
    ...(revision !== undefined && { revision }),
    ...(etag !== undefined && { etag }),
    ...(proof !== undefined && { verified: proof }),
  }
}
