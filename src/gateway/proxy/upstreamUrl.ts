/**
 * Where a request goes behind the gateway. It cannot leave the upstream's path: a URL's dots are resolved before
 * its beginning is compared, and what is encoded stays so.
 *
 * @param upstream absolute, with a slash at its end or without
 * @param path of the service, with its slashes
 * @param url of the request, below that path
 * @example upstreamUrl('https://text.example/v1', '/text/', 'https://gateway.example/text/chat?a=1')
 * // 'https://text.example/v1/chat?a=1'
 */
export function upstreamUrl(upstream: string, path: string, url: string): string {
  const { pathname, search } = new URL(url)
  const target = new URL(upstream)
  const base = target.pathname.replace(/\/$/, '')
  const rest = pathname.slice(path.length - 1)
  // Assigned piece by piece: a rest that begins with two slashes would name another host otherwise.
  target.pathname = `${base}${rest}`
  target.search = search
  return target.href
}
