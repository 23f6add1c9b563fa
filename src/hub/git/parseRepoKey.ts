import type { RepoId } from './RepoId.ts'

/** The opposite of `repoKey`. */
export function parseRepoKey(key: string): RepoId {
  const match = /^(dataset|space)s\/(.+)$/.exec(key)
  if (match === null) return { type: 'model', name: key }
  return { type: match[1] as RepoId['type'], name: match[2]! }
}
