import type { ByteRange } from '../core/ByteRange.ts'

/** What is known about how much of a xorb a file uses. */
export type XorbExtent = 'whole' | 'part' | 'unknown'

/** Bytes of the footer that a stored xorb of `chunks` chunks may carry behind its records. */
function footerLength(chunks: number): number {
  return 96 + 40 * chunks
}

/**
 * Whether the chunks that a file uses are all that the xorb holds. Only a xorb used whole can be proven by
 * its hash; one that should match and does not is damaged, one that is used in part never matches.
 *
 * @param chunks indexes of the chunks used, without gaps
 * @param end where the last of them ends in the stored object
 * @param total bytes of the stored object (`Content-Range`), undefined where it is not readable
 */
export function xorbExtent(chunks: ByteRange, end: number, total: number | undefined): XorbExtent {
  if (chunks.start > 0) return 'part'
  if (total === undefined) return 'unknown'
  return [0, footerLength(chunks.end)].includes(total - end) ? 'whole' : 'part'
}
