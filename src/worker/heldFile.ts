import type { HeldFile } from '../protocol/HeldFile.ts'
import type { StoredFile } from '../store/StoredFile.ts'

/** What a page may know of a stored file. */
export function heldFile(file: StoredFile): HeldFile {
  const { urls, content, size, held, state, lastUsed, proof, pinned } = file
  const newest = urls.toSorted((a, b) => b.checkedAt - a.checkedAt)[0]
  const { commit: revision, etag } = newest?.info ?? {}
  return {
    urls: urls.map(({ url }) => url),
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
