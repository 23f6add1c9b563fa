import { pageInsteadOfModel } from '../src/reconstruction/pageInsteadOfModel.ts'

/** The answer, or a 404 for the page that an app's server gives for every address it does not know. */
export function withoutPage(response: Response): Response {
  const type = response.headers.get('content-type') ?? ''
  if (!response.ok || !/^text\/html\b/i.test(type)) return response
  response.body?.cancel().catch(() => undefined)
  const { status, statusText, headers, body } = pageInsteadOfModel()
  return new Response(body, {
    status,
    statusText,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
}
