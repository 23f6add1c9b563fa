import { mergeNames } from './mergeNames.ts'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
/** By name, because the wildcard does not cover `Authorization`. */
const allowed = 'authorization, content-type, x-pollinations-token, x-app-id'
const maxAgeSeconds = 7200

/**
 * Permits pages of any origin to ask, without ambient credentials. Who may have what is decided by the request that
 * follows; nothing is decided here.
 *
 * @param origin of the page; null: none was named
 * @param allowHeaders of the service
 * @example preflightAnswer('https://app.example', ['range']).status // 204
 */
export function preflightAnswer(
  origin: string | null,
  allowHeaders: readonly string[] = [],
): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...(origin !== null && { 'access-control-allow-origin': origin }),
      'access-control-allow-methods': methods,
      'access-control-allow-headers': mergeNames(allowed, allowHeaders.join(',')),
      'access-control-max-age': String(maxAgeSeconds),
      vary: 'Origin',
    },
  })
}
