import { FerryError } from '../core/FerryError.ts'
import type { Refusal } from '../protocol/Refusal.ts'

/**
 * What a page's developer should hear about a refusal beside the refusal itself.
 *
 * @returns undefined for refusals that are part of ordinary life: 404 for an optional file
 */
export function refusalFault(
  url: string,
  refusal: Refusal,
  hadToken: boolean,
): FerryError | undefined {
  const { status } = refusal
  if (status !== 401 && status !== 403) return undefined
  const headers = new Map(refusal.headers)
  const errorCode = headers.get('x-error-code')
  const said = headers.get('x-error-message')
  const todo = hadToken
    ? 'The token given is not valid for it or has no access: give another one, or ask for access on the hub.'
    : 'Give a token: connect({ auth: { token, origins: [hub] } }).'
  return new FerryError(
    status === 401 ? 'unauthorized' : 'forbidden',
    `The hub refused the file with ${status}${said ? ` (${said.slice(0, 200)})` : ''}. ${todo}`,
    { url, status, ...(errorCode !== undefined && { errorCode }) },
  )
}
