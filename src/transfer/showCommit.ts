import type { BranchFile } from '../core/branchOf.ts'
import type { Store } from '../store/Store.ts'
import type { Viewer } from './Viewer.ts'

/**
 * Fixes which commit an viewer sees of a branch. Two realms may answer one page at once: the first has the say.
 *
 * @param now epoch milliseconds
 * @param lost a commit that the viewer saw and that is to be seen no more
 * @returns the commit that it sees
 */
export async function showCommit(
  { branches }: Pick<Store, 'branches'>,
  { base }: BranchFile,
  { client }: Viewer,
  commit: string,
  now: number,
  lost?: string,
): Promise<string> {
  if (client === undefined) return commit
  return await branches.look({ client, base, commit, takenAt: now }, lost)
}
