import { redactUrl } from '../../core/redactUrl.ts'
import { hopByHop } from './hopByHop.ts'

/**
 * Of the caller and of the way so far: credentials, addresses (which anybody may have written), what `fetch` writes
 * itself, and what only a gateway may say.
 */
const dropped =
  /^(?:authorization|cookie2?|x-pollinations-token|host|content-length|expect|forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|cf-.*|true-client-ip|fastly-client-ip|x-modelferry-.*|sec-.*|access-control-request-.*)$/

/**
 * Headers that a request has behind the gateway.
 *
 * @param headers as the service may see them; stay as they are
 * @param requestId also told to the caller, so that the logs of both can be joined
 */
export function requestHeaders(headers: Headers, requestId: string): Headers {
  const hop = hopByHop(headers)
  const kept = new Headers()
  for (const [name, value] of headers) {
    if (!dropped.test(name) && !hop.has(name)) kept.append(name, value)
  }
  const referer = headers.get('referer')
  // Whole addresses hold secrets of pages in their queries.
  if (referer !== null) kept.set('referer', redactUrl(referer))
  // What `fetch` unpacks would have to be packed again.
  kept.set('accept-encoding', 'identity')
  kept.set('x-request-id', requestId)
  return kept
}
