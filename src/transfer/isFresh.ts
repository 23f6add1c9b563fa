import { isPinnedRevision } from '../core/isPinnedRevision.ts'
import type { Refusal } from '../protocol/Refusal.ts'
import { isUnknownRevision } from './isUnknownRevision.ts'

/** How long what a branch leads to is taken for granted, milliseconds. */
const branchFreshMs = 5 * 60_000

/** What the device knows of a URL: where it leads, or that there is nothing. */
interface Known {
  readonly url: string
  /** Epoch milliseconds. */
  readonly checkedAt: number
  readonly refusal?: Refusal
}

/**
 * Whether the hub has to be asked again what a URL leads to: never for a commit, now and then for a branch.
 *
 * @param now epoch milliseconds
 */
export function isFresh({ url, checkedAt, refusal }: Known, now: number): boolean {
  // A commit never gains a file, but one that was not there yet may be pushed.
  const final = isPinnedRevision(url) && !(refusal && isUnknownRevision(refusal))
  return final || Math.abs(now - checkedAt) < branchFreshMs
}
