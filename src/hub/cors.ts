// CORS: what pages of other origins may send to the hub and to presigned storage, and which response headers they may
// read.

import type { HubOrigin } from './log.ts'

/** Headers of the hub that a page may read: only those of the real hub. */
const exposedHeaders: string = [
  'Link',
  'X-Xet-Hash',
  'X-Linked-Size',
  'X-Linked-ETag',
  'ETag',
  'X-Repo-Commit',
  'X-Error-Code',
  'X-Error-Message',
  'X-Request-Id',
  'X-Total-Count',
  'Accept-Ranges',
  'Content-Range',
].join(', ')

const allowed: Readonly<Record<HubOrigin, { methods: string[]; headers: string[] }>> = {
  hub: {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    headers: [
      'accept',
      'authorization',
      'content-type',
      'if-none-match',
      'if-range',
      'range',
      'x-xet-session-id',
    ],
  },
  // No `authorization`: a token sent to storage is a mistake, and shows here as a failed preflight.
  storage: { methods: ['GET', 'HEAD', 'PUT'], headers: ['content-type', 'if-range', 'range'] },
}

/**
 * Adds the CORS headers of an answer: the hub echoes the page's origin, storage allows all origins.
 *
 * @param headers changed in place
 * @param request its `Origin`; none, no CORS
 * @param origin where the request arrived
 */
export function addCors(headers: Headers, request: Request, origin: HubOrigin): void {
  if (origin === 'storage') {
    headers.set('access-control-allow-origin', '*')
    headers.set('access-control-expose-headers', '*')
    return
  }
  headers.append('vary', 'Origin, Accept')
  const page = request.headers.get('origin')
  if (page === null) return
  headers.set('access-control-allow-origin', page)
  headers.set('access-control-expose-headers', exposedHeaders)
}

/**
 * Answers a preflight: 204 when everything it asks for is allowed, else 403 without any permission.
 *
 * @param request OPTIONS
 * @param origin where it arrived
 */
export function preflightAnswer(request: Request, origin: HubOrigin): Response {
  const { methods, headers } = allowed[origin]
  const method = request.headers.get('access-control-request-method') ?? 'GET'
  const wanted = (request.headers.get('access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  if (!methods.includes(method) || !wanted.every((name) => headers.includes(name))) {
    return new Response(null, { status: 403 })
  }
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': headers.join(', '),
      'access-control-max-age': '86400',
    },
  })
}
