/**
 * Adds what every answer has, the gateway's own ones too.
 *
 * @param headers changed in place
 */
export function dressAny(
  headers: Headers,
  { requestId, tokenInUrl }: { readonly requestId: string; readonly tokenInUrl: boolean },
): void {
  headers.set('x-request-id', requestId)
  if (!tokenInUrl) return
  // The address itself is a secret then: no cache may hold it, no other server be told of it.
  headers.set('cache-control', 'private, no-store')
  headers.set('referrer-policy', 'no-referrer')
}
