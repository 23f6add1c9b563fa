import type { AuthRequest } from '../../../src/auth/credential.ts'
import type { AuthVectorRequest } from './AuthVectorRequest.ts'

/**
 * A request as a server receives it. It is not a `Request`, because browsers forbid scripts to set Origin and
 * Referer, and `Headers` rejects text outside Latin-1.
 *
 * @param onClone called whenever the body is requested
 */
export function authRequestOf(
  { method, url, headers: lines, body }: AuthVectorRequest,
  onClone: () => void,
): AuthRequest {
  const get = (name: string): string | null => {
    const values = lines.filter(([other]) => other.toLowerCase() === name.toLowerCase())
    return values.length === 0 ? null : values.map(([, value]) => value).join(', ')
  }
  return {
    method,
    // Normalised like by the constructor of Request.
    url: URL.canParse(url) ? new URL(url).href : url,
    headers: { get, has: (name) => get(name) !== null },
    clone: () => {
      onClone()
      return { body: body === undefined ? null : new Response(body).body }
    },
  }
}
