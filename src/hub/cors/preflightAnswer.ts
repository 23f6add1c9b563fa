import type { HubOrigin } from '../HubOrigin.ts'

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
