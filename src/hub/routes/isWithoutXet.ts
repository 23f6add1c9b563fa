import { repoKey } from '../git/repoKey.ts'
import type { FilePlace } from './FilePlace.ts'

/**
 * Whether a file is served as if it were not stored as xorbs.
 *
 * @param patterns repository names, or names with a path behind them; `*` stands for anything
 * @param place of the file
 * @example isWithoutXet(['a/b/*.bin'], { repo: { type: 'model', name: 'a/b' }, path: 'x.bin', commit }) // true
 */
export function isWithoutXet(
  patterns: readonly string[],
  place: Pick<FilePlace, 'repo' | 'path'>,
): boolean {
  const key = repoKey(place.repo)
  const full = `${key}/${place.path}`
  return patterns.some((pattern) => {
    const text = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    const expression = new RegExp(`^${text.join('.*')}$`)
    return expression.test(key) || expression.test(full)
  })
}
