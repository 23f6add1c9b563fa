const pinned =
  /^[^?#]*\/(?:resolve|raw|tree|resolve-cache\/(?:models|datasets|spaces)\/[^?#]+)\/[0-9a-f]{40}(?:[/?#]|$)/

/**
 * Whether an address on a hub names a commit (40 hex), so that what it leads to never changes.
 *
 * @example isPinnedRevision('https://h/a/b/resolve/607a30d783dfa663caf39e06633721c8d4cfcd7e/x.onnx') // true
 */
export function isPinnedRevision(url: string): boolean {
  return pinned.test(url)
}
