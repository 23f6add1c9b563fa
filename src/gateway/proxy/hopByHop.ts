const always = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/**
 * Names of headers that are for one connection only.
 *
 * @param headers whose `Connection` may name more
 * @see RFC 9110, section 7.6.1
 */
export function hopByHop(headers: Headers): ReadonlySet<string> {
  const named = (headers.get('connection') ?? '').toLowerCase().split(',')
  return new Set([...always, ...named.map((name) => name.trim())])
}
