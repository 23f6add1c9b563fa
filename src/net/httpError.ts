import { FerryError } from '../core/FerryError.ts'
import type { FerryErrorCode } from '../core/FerryErrorCode.ts'
import { isTransient } from './isTransient.ts'

/**
 * Turns an answer that is no success into an error, with the server's own words where it gives any.
 *
 * @param what which question failed, for the message: "The read token"
 * @param url the address asked
 */
export function httpError(
  what: string,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  url: string,
): FerryError {
  const said = headers.get('x-error-message')?.slice(0, 300)
  const errorCode = headers.get('x-error-code')?.slice(0, 100)
  const message = `${what} could not be had: status ${status}${said ? ` (${said})` : ''}. ${advice(status)}`
  return new FerryError(codes[status] ?? 'http', message, {
    status,
    url,
    retryable: isTransient(status),
    ...(errorCode === undefined ? {} : { errorCode }),
  })
}

const codes: Readonly<Record<number, FerryErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
}

function advice(status: number): string {
  if (status === 401) return 'Give a token for this origin, or a newer one.'
  if (status === 403) return 'Ask for access to the repository, or give a token that has it.'
  if (status === 404) return 'Check repository, revision and file name.'
  return isTransient(status) ? 'Try again later.' : 'The server does not offer this.'
}
