/**
 * A refusal of presigned storage: an XML body, as object stores write it.
 *
 * @param message what is wrong with the URL or the range; must hold no markup
 * @param code the store's error code
 * @param status HTTP status; default 403
 * @param headers further headers
 */
export function storageRefusal(
  message: string,
  code = 'AccessDenied',
  status = 403,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  )
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/xml',
      'content-length': String(body.byteLength),
      'cache-control': 'no-store',
      ...headers,
    },
  })
}
