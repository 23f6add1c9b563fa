import { isPinnedRevision } from '../core/isPinnedRevision.ts'

/** How long what a branch leads to is taken for granted, milliseconds. */
const branchFreshMs = 5 * 60_000

/**
 * Whether the hub has to be asked again what a URL leads to: never for a commit, now and then for a branch.
 *
 * @param now epoch milliseconds, as is `checkedAt`
 */
export function isFresh(url: string, checkedAt: number, now: number): boolean {
  return isPinnedRevision(url) || Math.abs(now - checkedAt) < branchFreshMs
}
