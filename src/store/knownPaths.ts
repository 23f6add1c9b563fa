import { publicGrant } from '../auth/grantOf.ts'
import type { CatalogStretch } from './CatalogStretch.ts'
import type { KnownPath } from './KnownPath.ts'

/**
 * What is known of the paths below an address, for one asker. A path of which the hub said both is counted by
 * what it said last.
 */
export function knownPaths(
  { urls, missing, states }: CatalogStretch,
  prefix: string,
  grant: string,
): readonly KnownPath[] {
  const said = [
    ...urls
      .filter(({ grants }) => grants.some((one) => one === publicGrant || one === grant))
      .map(({ url, info, checkedAt }) => {
        const state = states.get(info.content)
        return { url, checkedAt, state: state ?? 'told' } as const
      }),
    ...missing.map(({ url, checkedAt }) => ({ url, checkedAt, state: 'none' }) as const),
  ]
  const newestLast = said.toSorted((a, b) => a.checkedAt - b.checkedAt)
  const paths = newestLast.map(({ url, state }) => [url.slice(prefix.length), state] as const)
  return [...new Map(paths)].map(([path, state]) => ({ path, state }))
}
