/** Entries whose values are secrets, or stand where somebody may have put one. */
const guarded = new Set([
  'tokens',
  'legacyTokens',
  'secret',
  'serviceKeys',
  'credential',
  'introspect',
])

/**
 * What was found in a place, for an error. Where secrets live, and where a section was expected, only its kind is
 * told; of addresses, neither user nor query.
 */
export function describeSeen(
  value: unknown,
  path: readonly (string | number)[],
  leaf: boolean,
): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  const open = leaf && !path.some((key) => guarded.has(String(key)))
  if (open && (typeof value === 'number' || typeof value === 'boolean')) return `${value}`
  if (typeof value !== 'string') return `a ${typeof value}`
  if (!open) return 'a text'
  return JSON.stringify((isAddress(path) ? withoutSecrets(value) : value).slice(0, 100))
}

function isAddress(path: readonly (string | number)[]): boolean {
  return /url$|^upstream$/i.test(String(path.at(-1)))
}

function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^(.*\/\/)?.*@/s, '$1')
}
