/**
 * How errors and explanations write an entry's place.
 *
 * @example formatPath(['auth', 'tokens', 2, 'sha256']) // 'auth.tokens[2].sha256'
 */
export function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`
      return /^[\w$-]{1,64}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 64))}]`
    })
    .join('')
    .replace(/^\./, '')
}
