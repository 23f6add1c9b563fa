import { isPinnedRevision } from '../core/isPinnedRevision.ts'
import type { Refusal } from '../protocol/Refusal.ts'

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
  // A commit never gains a file, but one that was not there yet may be pushed, and a server in front of the hub
  // may have lost its way.
  const final = isPinnedRevision(url) && (refusal === undefined || lacksFile(refusal))
  return final || Math.abs(now - checkedAt) < branchFreshMs
}

/** Whether a hub says that it knows the revision, and that it has no such file. */
function lacksFile({ headers }: Refusal): boolean {
  return headers.some(([name, value]) => name === 'x-error-code' && value === 'EntryNotFound')
}
