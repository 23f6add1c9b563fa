import type { CarriedResponse } from '../protocol/CarriedResponse.ts'

/**
 * The response that was carried here as data, with the `url` that a made response would lack.
 *
 * @param signal ends the body too, as it does with `fetch`
 */
export function rebuildResponse(
  { url, status, statusText, headers, body }: CarriedResponse,
  signal?: AbortSignal,
): Response {
  // What fetch gives for a redirect that was not to be followed; no response can be made like it.
  if (status === 0) return Response.error()
  const bodyless = [204, 205, 304].includes(status)
  const response = new Response(bodyless ? null : ending(body, signal), {
    status,
    statusText,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
  Object.defineProperty(response, 'url', { value: url })
  return response
}

/** The signal stayed in this realm: what crossed is the stream alone, whose cancelling the loader sees. */
function ending(body: CarriedResponse['body'], signal: AbortSignal | undefined): BodyInit | null {
  if (signal === undefined || !(body instanceof ReadableStream)) return body
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
}
