import { hubPath } from './hubPath.ts'

const notes = [
  // A pointer to a large file, or a small file itself.
  /^\/(?:(?:datasets|spaces)\/)?[^/]+(?:\/[^/]+)?\/raw\/[^/]+\/.+$/,
  /^\/api\/(?:models|datasets|spaces)\/[^/]+(?:\/[^/]+)?\/tree\/[^/]+(?:\/.*)?$/,
  // Where hubs send those who ask for a small file; always by commit.
  /^\/api\/resolve-cache\/(?:models|datasets|spaces)\/.+\/[0-9a-f]{40}\/.+$/,
]

/**
 * Tells what a hub says about its files from the files: pointers, listings, and small files it answers itself.
 *
 * @example noteMatcher(['https://huggingface.co'])('https://huggingface.co/api/models/a/b/tree/main') // true
 */
export function noteMatcher(hubs: readonly string[]): (url: string) => boolean {
  return (url) => {
    const path = hubPath(url, hubs)
    return path !== undefined && notes.some((note) => note.test(path))
  }
}
