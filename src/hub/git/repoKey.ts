import type { RepoId } from './RepoId.ts'

/**
 * How a repository is called where kinds are mixed: models by their bare name, others with their prefix.
 *
 * @example repoKey({ type: 'dataset', name: 'a/b' }) // 'datasets/a/b'
 */
export function repoKey(repo: RepoId): string {
  return repo.type === 'model' ? repo.name : `${repo.type}s/${repo.name}`
}
