import type { CarriedResponse } from '../protocol/CarriedResponse.ts'

/** The response that was carried here as data, with the `url` that a made response would lack. */
export function rebuildResponse({
  url,
  status,
  statusText,
  headers,
  body,
}: CarriedResponse): Response {
  // What fetch gives for a redirect that was not to be followed; no response can be made like it.
  if (status === 0) return Response.error()
  const bodyless = [204, 205, 304].includes(status)
  const response = new Response(bodyless ? null : body, {
    status,
    statusText,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
  Object.defineProperty(response, 'url', { value: url })
  return response
}
