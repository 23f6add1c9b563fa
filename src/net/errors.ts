import { FerryError, type FerryErrorCode } from '../core/index.ts'

/** Whether a status may be transient: 408, 429 and 5xx, but not 501. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 599 && status !== 501)
}

/**
 * Turns an unsuccessful response into an error, with the server's own message if there is one.
 *
 * @param what name of the request, for the message: "The read token"
 * @param url the requested URL
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

/**
 * Wraps a failure of `fetch` or of a body. Platforms report every cause (DNS, TLS, CORS, an aborted connection) as
 * the same opaque TypeError.
 *
 * @param connection when it is aborted, its reason is the real cause
 */
export function networkError(error: unknown, connection: AbortSignal, url: string): unknown {
  if (connection.aborted) return connection.reason
  if (error instanceof FerryError) return error
  return new FerryError(
    'network',
    'No answer, or an answer cut short. Check the connection and whether the server allows this origin (CORS).',
    { retryable: true, url, cause: error },
  )
}

/** @param missing what did not happen: "No byte came" */
export function timeoutError(missing: string, ms: number, url: string): FerryError {
  const message = `${missing} within ${ms} ms. The network or the server is too slow: try again.`
  return new FerryError('timeout', message, { retryable: true, url })
}

export interface FailedRange {
  /** HTTP status; undefined without a readable response. */
  readonly status?: number | undefined
  /** Whether the URL's deadline has passed, or may have passed during the request. */
  readonly nearDeadline: boolean
}

/**
 * What to do after a presigned range request failed: retry the same URL (`again`), `renew` the URLs, or `stop`.
 *
 * Storage refuses an expired URL with 403, sometimes with 400, 401 or 404, and often without CORS headers. A page
 * then sees no status at all, so no response near the deadline counts as a refusal.
 */
export function verdict({ status, nearDeadline }: FailedRange): 'again' | 'renew' | 'stop' {
  if (status === undefined) return nearDeadline ? 'renew' : 'again'
  if ([400, 401, 403, 404].includes(status)) return 'renew'
  return isTransient(status) ? 'again' : 'stop'
}
