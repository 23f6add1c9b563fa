import { publicGrant } from '../auth/grantOf.ts'
import type { BranchFile } from '../core/branchOf.ts'
import type { Store } from '../store/Store.ts'
import { chooseRevision } from './chooseRevision.ts'
import type { KnownRevision } from './chooseRevision.ts'
import { isFresh } from './isFresh.ts'
import { showCommit } from './showCommit.ts'
import type { Viewer } from './Viewer.ts'

/** Which commit an viewer gets of a branch. */
export interface Standing {
  /** 40 hex. */
  readonly commit: string
  /** Whether that holds from now on; else the hub is to be asked, and it is what to take when it cannot be. */
  readonly sure: boolean
}

/**
 * What a branch is to one viewer, as far as the device can say: who has asked before goes on seeing the same
 * commit. Others get the newest one, unless that was told long ago or an older one is more complete.
 *
 * @param now epoch milliseconds
 * @returns undefined when the device knows no commit
 */
export async function standingOf(
  store: Pick<Store, 'branches' | 'known'>,
  branch: BranchFile,
  viewer: Viewer,
  now: number,
): Promise<Standing | undefined> {
  const { base, at } = branch
  const { grant, client } = viewer
  const seen = client === undefined ? undefined : await store.branches.view(client, base)
  if (seen !== undefined) return { commit: seen, sure: true }
  const told = await store.branches.told(base)
  const mine = [grant, publicGrant].flatMap((one) => told.filter((each) => each.grant === one))
  const [own] = mine
  // What was brought before the sign-in is as good without network as what came after.
  const commits = [...new Set(mine.flatMap((each) => each.commits))]
  const [newest] = commits
  if (own === undefined || newest === undefined) return undefined
  const known = async (commit: string): Promise<KnownRevision> => ({
    commit,
    paths: await store.known(at(commit), grant),
  })
  // Most branches were only ever one commit: nothing has to be read of their files.
  const best = commits.length > 1 ? chooseRevision(await Promise.all(commits.map(known))) : newest
  if (best !== newest || !isFresh({ url: base, checkedAt: own.checkedAt }, now))
    return { commit: best ?? newest, sure: false }
  return { commit: await showCommit(store, branch, viewer, newest, now), sure: true }
}
