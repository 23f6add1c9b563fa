import { queryWithoutToken } from './queryWithoutToken.ts'

const tokenHeader = 'x-pollinations-token'

/**
 * The request as a service may see it: without the credentials that are the gateway's own (query, and
 * `x-pollinations-token`), and under the address that the world knows. The same request when there is nothing to
 * change.
 *
 * @param request as it came
 * @param url of the request
 * @param publicUrl origin under which it was sent; undefined: the URL's own
 */
export function requestFor(request: Request, url: URL, publicUrl: string | undefined): Request {
  const search = queryWithoutToken(url.search)
  const origin = publicUrl ?? url.origin
  const bare = search === url.search
  if (bare && origin === url.origin && !request.headers.has(tokenHeader)) return request
  const headers = new Headers(request.headers)
  headers.delete(tokenHeader)
  const { method, signal } = request
  const bodyless = method === 'GET' || method === 'HEAD'
  // Made from its parts: servers hand over objects that only look like requests, which `new Request` does not take.
  return new Request(`${origin}${url.pathname}${search}`, {
    method,
    headers,
    signal,
    ...(!bodyless && request.body !== null && { body: request.body, duplex: 'half' }),
  })
}
