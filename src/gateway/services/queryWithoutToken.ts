/**
 * A query without its tokens. The rest stays as it is, byte for byte: it may be signed.
 *
 * @param search as of a URL, with its question mark; or empty
 * @example queryWithoutToken('?a=%20&token=t&b') // '?a=%20&b'
 */
export function queryWithoutToken(search: string): string {
  // Most have none, and an encoded name has a percent sign.
  if (!search.includes('token') && !search.includes('%')) return search
  const rest = search
    .slice(1)
    .split('&')
    .filter((part) => !new URLSearchParams(part).has('token'))
    .join('&')
  return rest === '' ? '' : `?${rest}`
}
