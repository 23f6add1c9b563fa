import { FerryError } from '../core/FerryError.ts'
import { isExternalData } from '../core/isExternalData.ts'
import { httpError } from '../net/httpError.ts'
import type { Refusal } from '../protocol/Refusal.ts'

/**
 * What a page's developer should hear about a refusal beside the refusal itself.
 *
 * @returns undefined for refusals that are part of ordinary life: 404 for an optional file. External data of a
 *   model is never optional, and some libraries wait for it for ever
 */
export function refusalFault(
  url: string,
  refusal: Refusal,
  hadToken: boolean,
): FerryError | undefined {
  const { status } = refusal
  const headers = new Headers(
    refusal.headers.map(([name, value]): [string, string] => [name, value]),
  )
  if (status !== 401 && status !== 403)
    return isExternalData(new URL(url).pathname)
      ? httpError('External data of a model', { status, headers }, url)
      : undefined
  const errorCode = headers.get('x-error-code')
  const said = headers.get('x-error-message')
  const todo = hadToken
    ? 'The token given is not valid for it or has no access: give another one, or ask for access on the hub.'
    : 'Give a token: connect({ auth: { token, origins: [hub] } }).'
  return new FerryError(
    status === 401 ? 'unauthorized' : 'forbidden',
    `The hub refused the file with ${status}${said ? ` (${said.slice(0, 200)})` : ''}. ${todo}`,
    { url, status, ...(errorCode !== null && { errorCode }) },
  )
}
