import { branchOf } from '../core/branchOf.ts'
import type { Store } from '../store/Store.ts'
import type { FileVerdict } from './FileVerdict.ts'
import { keptAnswer } from './keptAnswer.ts'
import { namedAnswer } from './namedAnswer.ts'
import { standingOf } from './standingOf.ts'
import type { Viewer } from './Viewer.ts'

/**
 * What the device says of a page's URL where nobody has to be asked, neither for the branch nor for the file.
 *
 * @param now epoch milliseconds
 */
export async function settledAnswer(
  store: Pick<Store, 'branches' | 'known' | 'url' | 'missing'>,
  url: string,
  viewer: Viewer,
  now: number,
): Promise<FileVerdict | undefined> {
  const branch = branchOf(url)
  const standing = branch && (await standingOf(store, branch, viewer, now))
  if (standing?.sure === false) return undefined
  const address = branch && standing ? branch.at(standing.commit) + branch.path : url
  const kept = await keptAnswer(store, address, viewer.grant, now)
  return kept?.fresh ? namedAnswer(kept.answer, url) : undefined
}
