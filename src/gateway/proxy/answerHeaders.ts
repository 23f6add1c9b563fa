import { hopByHop } from './hopByHop.ts'

const dropped = new Set(['set-cookie', 'alt-svc', 'strict-transport-security', 'x-request-id'])

/**
 * Headers that an answer has before the gateway. No cookies: none are ever sent back.
 *
 * @param headers of the server behind; stay as they are
 * @param upstream its address: redirects within it become redirects within the service
 * @param path of the service, with its slashes
 */
export function answerHeaders(headers: Headers, upstream: string, path: string): Headers {
  const hop = hopByHop(headers)
  // Unpacked by `fetch` already, so neither is true any more.
  const isUnpacked = headers.has('content-encoding')
  const kept = new Headers()
  for (const [name, value] of headers) {
    if (hop.has(name) || dropped.has(name)) continue
    if (isUnpacked && (name === 'content-encoding' || name === 'content-length')) continue
    kept.append(name, name === 'location' ? mapped(value, upstream, path) : value)
  }
  return kept
}

/** An address behind the gateway means nothing before it. */
function mapped(location: string, upstream: string, path: string): string {
  const base = new URL(upstream)
  const basePath = base.pathname.replace(/\/$/, '')
  const isAbsolute = location.startsWith(`${base.origin}/`)
  if (!isAbsolute && !/^\/(?!\/)/.test(location)) return location
  const rest = isAbsolute ? location.slice(base.origin.length) : location
  return rest.startsWith(`${basePath}/`) ? path + rest.slice(basePath.length + 1) : location
}
