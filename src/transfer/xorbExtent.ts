import type { ByteRange } from '../core/ByteRange.ts'

/** What is known about how much of a xorb a file uses. */
export type XorbExtent = 'whole' | 'part' | 'unknown'

/** Bytes of the footer that a stored xorb of `chunks` chunks may carry behind its records. */
function footerLength(chunks: number): number {
  return 96 + 40 * chunks
}

/**
 * Whether chunks `[0, chunks)` are all that the xorb holds. Only a xorb used whole can be proven by its
 * hash; one that should match and does not is damaged, one that is used in part never matches.
 *
 * @param first index of the first chunk used
 * @param chunks index after the last chunk used
 * @param bytes where those chunks lie in the stored object
 * @param total bytes of the stored object (`Content-Range`), undefined where it is not readable
 */
export function xorbExtent(
  first: number,
  chunks: number,
  bytes: ByteRange,
  total: number | undefined,
): XorbExtent {
  if (first > 0) return 'part'
  if (total === undefined) return 'unknown'
  const behind = total - bytes.end
  return behind === 0 || behind === footerLength(chunks) ? 'whole' : 'part'
}
