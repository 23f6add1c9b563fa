// The front end that a request names by `Origin` or `Referer`, compared with lists of hosts.
import { FerryError } from '../core/index.ts'
import { isTrusted, parseAddress, type TrustedProxies } from './client-address.ts'
import { trimEnds, headerOf, type AuthRequest } from './credential.ts'

/** Scheme, host, port; in a Referer also a path, query or fragment of visible ASCII. */
const origin = /^https?:\/\/([\w.-]+)(?::(\d{1,5}))?$/i

const referer = /^https?:\/\/([\w.-]+)(?::(\d{1,5}))?(?:[/?#][\x21-\x7e]*)?$/i

/**
 * Host of the requesting page: from Origin, else from Referer. An unusable Origin (`null`, a path, two values) is not
 * replaced by the Referer: the browser withheld the host.
 *
 * @returns null when there is none
 */
export function siteHost(headers: AuthRequest['headers']): string | null {
  const origin = headerOf(headers, 'origin')
  if (origin !== null) return hostOfPage(origin, 'origin')
  const referer = headerOf(headers, 'referer')
  return referer === null ? null : hostOfPage(referer, 'referer')
}

/**
 * Host of the page that an `Origin` or `Referer` field names. It is not parsed as a URL: URL parsers repair their
 * input, and the browser did not send a repaired host.
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

/**
 * Makes a test whether a host is on a list: by its whole name, or with at least one label before the base of a
 * wildcard.
 *
 * @param entries as `parseHostList` gives them
 * @returns takes hosts as `parseHost` gives them
 * @example hostMatcher(['*.apps.example'])('a.b.apps.example') // true
 */
export function hostMatcher(entries: readonly string[]): (host: string) => boolean {
  // A wildcard entry in the set matches no host: hosts contain no star.
  const hosts = new Set(entries)
  const bases = new Set(entries.flatMap((entry) => (entry.startsWith('*.') ? entry.slice(2) : [])))
  return (host) => {
    if (hosts.has(host)) return true
    if (bases.size === 0) return false
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1))
      if (bases.has(host.slice(dot + 1))) return true
    return false
  }
}

/**
 * Parses the list of recognised front ends. Blanks, empty items and repeats are ignored; every other fault is an error,
 * because an entry that matches too much would recognise every page.
 *
 * @param text hosts, or `*.` and a host, with commas between; or one list item each
 * @param isPublicSuffix whether a host is a public suffix, private section of the list included. Default: single labels other than `localhost`
 * @returns lower case, in order, each once
 * @throws FerryError `configuration`, with every wrong entry as it was written
 * @example parseHostList(' App.example, *.apps.example,') // ['app.example', '*.apps.example']
 */
export function parseHostList(
  text: string | readonly string[],
  isPublicSuffix: (host: string) => boolean = isSingleLabel,
): string[] {
  const items = typeof text === 'string' ? text.split(',') : text
  const hosts = new Set<string>()
  const wrong: string[] = []
  for (const item of items) {
    const entry = trimEnds(item, ' \t\r\n')
    if (entry === '') continue
    const wildcard = entry.startsWith('*.')
    const host = parseHost(wildcard ? entry.slice(2) : entry)
    if (host === null) wrong.push(`"${entry}" is neither a host name nor "*." and a host name`)
    else if (isPublicSuffix(host)) wrong.push(`"${entry}" covers a public suffix`)
    else hosts.add(wildcard ? `*.${host}` : host)
  }
  if (wrong.length === 0) return [...hosts]
  throw new FerryError(
    'configuration',
    `In the list of hosts, ${wrong.join('; ')}. Name hosts without scheme, port and path, as "app.example" or "*.app.example".`,
  )
}

/** Default public suffix check: every single label other than `localhost` is a suffix. */
function isSingleLabel(host: string): boolean {
  return !host.includes('.') && host !== 'localhost'
}

const labels = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/i

/**
 * A host name in the form in which it is compared: lower case, without one trailing dot. Only plain ASCII is
 * accepted; nothing is mapped or decoded, so that every component sees the same host.
 *
 * @returns null for anything else, such as user information, brackets, an empty label, more than 253 characters
 * @example parseHost('APP.example.') // 'app.example'
 */
export function parseHost(text: string): string | null {
  const host = text.endsWith('.') ? text.slice(0, -1) : text
  return host.length <= 253 && labels.test(host) ? host.toLowerCase() : null
}

/**
 * The URL as the client sent it: behind a trusted proxy, with the host and scheme of `x-forwarded-host` and
 * `x-forwarded-proto`. Use it for links and logs only, never for a decision.
 *
 * @param peer address of the socket, null when there is none
 * @param request its URL and headers are read
 * @param proxies from `parseTrustedProxies`
 * @returns absolute; the request's own URL when the proxy is not trusted or sent nothing usable
 * @example publicUrl(request, '127.0.0.1', parseTrustedProxies(['127.0.0.1'])) // 'https://app.example/v1'
 */
export function publicUrl(
  request: Pick<AuthRequest, 'url' | 'headers'>,
  peer: string | null,
  proxies: TrustedProxies,
): string {
  const address = peer === null ? null : parseAddress(peer)
  if (address === null || !isTrusted(address, proxies) || !URL.canParse(request.url))
    return request.url
  const url = new URL(request.url)
  const protocol = lastItem(request.headers, 'x-forwarded-proto')?.toLowerCase()
  if (protocol === 'http' || protocol === 'https') url.protocol = protocol
  const [, name, port] =
    /^([\w.-]+)(?::(\d{1,5}))?$/.exec(lastItem(request.headers, 'x-forwarded-host') ?? '') ?? []
  const host = name === undefined ? null : parseHost(name)
  if (host !== null && isName(host, port)) {
    url.host = host
    url.port = port ?? ''
  }
  return url.href
}

/** Whether a URL keeps both unchanged. It ignores a wrong port, and changes a host such as `1.2`. */
function isName(host: string, port = ''): boolean {
  const text = `http://${host}:${port}`
  return URL.canParse(text) && new URL(text).hostname === host
}

/** The last item, which the nearest proxy wrote. */
function lastItem(headers: AuthRequest['headers'], name: string): string | undefined {
  const item = headerOf(headers, name)?.split(',').at(-1)
  return item === undefined ? undefined : trimEnds(item, ' \t')
}
