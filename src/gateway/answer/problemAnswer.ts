import type { Problem } from './Problem.ts'

/**
 * A refusal that machines can read: a problem document, RFC 9457.
 *
 * @param problem what happened
 * @param requestId becomes `instance`: all that the answer says about its request
 * @param method of the request; the answer to HEAD has no body
 * @example problemAnswer({ status: 404, title: 'Not Found', detail: 'There is nothing here.' }, id)
 */
export function problemAnswer(problem: Problem, requestId: string, method = 'GET'): Response {
  const { type = 'about:blank', title, status, detail, violated, headers } = problem
  const document = {
    type,
    title,
    status,
    detail,
    instance: `urn:uuid:${requestId}`,
    ...(violated && { 'violated-policies': violated }),
  }
  return new Response(method === 'HEAD' ? null : JSON.stringify(document), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...headers,
    },
  })
}
