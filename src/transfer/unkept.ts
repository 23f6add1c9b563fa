/** The server's own answer, labelled: it was neither checked nor kept, since there is no room. */
export function unkept(response: Response): Response {
  // Opaque answers and redirects that were not followed show no status; none can be made like them.
  if (response.status === 0) return response
  const { status, statusText, body } = response
  const headers = new Headers(response.headers)
  headers.set('x-modelferry', 'unkept')
  return new Response(body, { status, statusText, headers })
}
