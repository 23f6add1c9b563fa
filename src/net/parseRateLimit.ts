const text = String.raw`"(?:[ !#-[\]-~]|\\["\\])*"`
const value = String.raw`${text}|-?\d{1,15}(?:\.\d{1,3})?|[A-Za-z*][!#$%&'*+.^_|~:/\w\x60-]*|:[A-Za-z0-9+/=]*:|\?[01]`
const parameter = String.raw`; *([a-z*][a-z0-9_.*-]*)(?:=(${value}))?`
const member = new RegExp(`${text}((?:${parameter})*)`, 'y')
const comma = /[ \t]*(,)[ \t]*/y

/** Longest field that is looked at, characters. */
const limit = 4096

/**
 * Reads when the quota comes back out of a `RateLimit` field: the latest `t` among the policies of which
 * nothing remains. A field that is malformed in any place says nothing.
 *
 * @returns milliseconds; null: there is quota left, or it is not told when it comes back
 * @example parseRateLimit('"queue";r=0;t=6') // 6000
 * Sources: draft-ietf-httpapi-ratelimit-headers, RateLimit field; RFC 9651, lists and parameters.
 */
export function parseRateLimit(header: string | null): number | null {
  const field = header?.trim() ?? ''
  if (field === '' || field.length > limit) return null
  let wait: number | null = null
  for (let at = 0; ;) {
    const parameters = matchAt(member, field, at)
    if (parameters === null) return null
    const { r, t = '' } = valuesOf(parameters[1] ?? '')
    if (!isCount(r) || (t !== '' && !isCount(t))) return null
    if (Number(r) === 0 && t !== '') wait = Math.max(wait ?? 0, Number(t) * 1000)
    at += parameters[0].length
    if (at === field.length) return wait
    const next = matchAt(comma, field, at)
    if (next === null) return null
    at += next[0].length
  }
}

function matchAt(pattern: RegExp, field: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(field)
}

/** Parameters by name; of two with one name the last one counts. */
function valuesOf(parameters: string): { r?: string; t?: string } {
  const pairs = parameters.matchAll(new RegExp(parameter, 'g'))
  return Object.fromEntries([...pairs].map(([, name, given = '?1']) => [name, given]))
}

function isCount(given: string | undefined): boolean {
  return given !== undefined && /^\d{1,15}$/.test(given)
}
