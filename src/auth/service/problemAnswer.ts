/**
 * A refusal as problem document (RFC 9457). It says nothing that came with the request.
 *
 * @param detail what to do about it
 * @param headers besides content type and cache control
 */
export function problemAnswer(
  status: number,
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title, status, detail }), {
    status,
    headers: {
      ...headers,
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    },
  })
}
