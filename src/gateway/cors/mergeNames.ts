/**
 * Joins lists of header names, each name once, as it was first written.
 *
 * @param lists texts with commas, as in `Vary`; null counts as empty
 * @example mergeNames('Accept, Origin', 'origin') // 'Accept, Origin'
 */
export function mergeNames(...lists: readonly (string | null)[]): string {
  const names = new Map<string, string>()
  for (const list of lists) {
    for (const part of list?.split(',') ?? []) {
      const name = part.trim()
      if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
    }
  }
  return [...names.values()].join(', ')
}
