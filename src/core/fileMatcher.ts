import type { FilePatterns } from './FilePatterns.ts'
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
export function fileMatcher({ hubs, files }: FilePatterns): (url: string) => boolean {
  const patterns = files.map(wildcard)
  const bases = hubs.map((hub) => hub.replace(/\/+$/, ''))
  return (url) => {
    const plain = url.split('#', 1)[0] ?? ''
    const path = plain.split('?', 1)[0] ?? ''
    return (
      bases.some(
        (base) => path.startsWith(`${base}/`) && resolvePath.test(path.slice(base.length)),
      ) || patterns.some((pattern) => pattern.test(plain))
    )
  }
}
