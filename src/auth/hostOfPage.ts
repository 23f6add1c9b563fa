import { parseHost } from './parseHost.ts'

/** Scheme, host, port; in a Referer also a path, query or fragment of visible ASCII. */
const origin = /^https?:\/\/([\w.-]+)(?::(\d{1,5}))?$/i
const referer = /^https?:\/\/([\w.-]+)(?::(\d{1,5}))?(?:[/?#][\x21-\x7e]*)?$/i

/**
 * Host of the page that an `Origin` or `Referer` field names. Not parsed as a URL: parsers repair what is
 * written, and a repaired host is one that the browser did not name.
 *
 * @param field which of the two; an Origin has no path
 * @returns lower case; null when the value is unusable
 * @example hostOfPage('https://app.example:8443', 'origin') // 'app.example'
 */
export function hostOfPage(value: string, field: 'origin' | 'referer'): string | null {
  const [, host, port] = (field === 'origin' ? origin : referer).exec(value) ?? []
  if (host === undefined || Number(port ?? 0) > 65535) return null
  return parseHost(host)
}
