import type { AuthRequest } from './AuthRequest.ts'
import { headerOf } from './headerOf.ts'
import { isTrusted } from './isTrusted.ts'
import { parseAddress } from './parseAddress.ts'
import { parseHost } from './parseHost.ts'
import type { TrustedProxies } from './TrustedProxies.ts'
import { trimEnds } from './trimEnds.ts'

/**
 * The address under which the client asked: where a trusted proxy says so, with the host and scheme of
 * `x-forwarded-host` and `x-forwarded-proto`. For links and the log only: nothing may be decided by it.
 *
 * @param peer address of the socket, null when there is none
 * @returns absolute; the request's own URL when the proxy is not trusted or says nothing usable
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

/** Whether a URL takes both as they are. Otherwise it would keep one of its own, or make another host of `1.2`. */
function isName(host: string, port = ''): boolean {
  const text = `http://${host}:${port}`
  return URL.canParse(text) && new URL(text).hostname === host
}

/** What the nearest proxy wrote: it stands last. */
function lastItem(headers: AuthRequest['headers'], name: string): string | undefined {
  const item = headerOf(headers, name)?.split(',').at(-1)
  return item === undefined ? undefined : trimEnds(item, ' \t')
}
