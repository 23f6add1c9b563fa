import { branchOf } from '../core/branchOf.ts'
import type { Store } from '../store/Store.ts'

/**
 * Where a page's URL may be kept: by the commit that the page sees of the branch, by others that the branch
 * was or is, newest first, and by the URL itself.
 *
 * @param url without fragment
 */
export async function addressesOf(
  { branches }: Pick<Store, 'branches'>,
  url: string,
  client: string,
): Promise<readonly string[]> {
  const branch = branchOf(url)
  if (!branch) return [url]
  const { base, path, at } = branch
  const [seen, told] = await Promise.all([branches.view(client, base), branches.told(base)])
  const newestFirst = told.toSorted((a, b) => b.checkedAt - a.checkedAt)
  const commits = newestFirst.flatMap((one) => one.commits)
  const all = new Set(seen === undefined ? commits : [seen, ...commits])
  return [...[...all].map((commit) => at(commit) + path), url]
}
