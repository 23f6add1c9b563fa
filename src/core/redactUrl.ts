/**
 * An address that may be shown and logged: no query (signatures), no fragment, no user and password.
 *
 * @param url any text; what is no absolute URL comes back up to its first `?` or `#`
 * @example redactUrl('https://u:p@cas.example/x?Signature=s') // 'https://cas.example/x'
 */
export function redactUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  } catch {
    return url.split(/[?#]/, 1)[0] ?? ''
  }
}
