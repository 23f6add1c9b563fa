import type { FilePatterns } from './FilePatterns.ts'
import { hubPath } from './hubPath.ts'
import { isWeights } from './isWeights.ts'
import { noteMatcher } from './noteMatcher.ts'
import { wildcard } from './wildcard.ts'

/** Repository of one or two names, kinds other than models in front, then revision and path. */
const resolvePath =
  /^\/(?:(?:datasets|spaces|buckets)\/)?[^/]+(?:\/[^/]+)?\/resolve\/[^/]+(?:\/.+)?$/

/**
 * Tells model files from everything else by the shape of the address alone, since a service worker has to
 * decide at once.
 *
 * @example fileMatcher({ hubs: ['https://huggingface.co'], files: [] })('https://huggingface.co/a/b/resolve/main/c') // true
 */
export function fileMatcher({ hubs, files, origin }: FilePatterns): (url: string) => boolean {
  const patterns = files.map(wildcard)
  const isNote = noteMatcher(hubs)
  return (url) => {
    const plain = url.split('#', 1)[0] ?? ''
    const path = plain.split('?', 1)[0] ?? ''
    const ours =
      resolvePath.test(hubPath(plain, hubs) ?? '') ||
      patterns.some((pattern) => pattern.test(plain))
    return (
      ours ||
      (origin !== undefined &&
        path.startsWith(`${origin}/`) &&
        isWeights(path) &&
        // A listing or a pointer may end like the file it speaks of.
        !isNote(plain))
    )
  }
}
