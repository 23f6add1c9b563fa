import { branchOf } from '../core/branchOf.ts'
import type { CatalogBranch } from '../store/CatalogBranch.ts'

/**
 * What pages call files that are kept by their commit.
 *
 * @param addresses that files are kept under
 * @returns URLs by branches, for each address that has any: a branch's URL leads to one file only, the newest
 */
export function branchNames(
  addresses: readonly string[],
  branches: readonly CatalogBranch[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { base, commits } of branches) {
    const named = new Set<string>()
    for (const commit of commits) {
      const root = `${branchOf(`${base}/-`)?.at(commit)}/`
      for (const address of addresses) {
        const name = `${base}/${address.slice(root.length)}`
        if (!address.startsWith(root) || named.has(name)) continue
        named.add(name)
        names.set(address, [...new Set([...(names.get(address) ?? []), name])])
      }
    }
  }
  return names
}
