import { FerryError, type FerryErrorCode } from '../core/index.ts'

/** Whether a status may go away by itself: 408, 429 and 5xx, but not 501, which says "never". */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 599 && status !== 501)
}

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

/**
 * Names a failure of `fetch` or of a body. Platforms report every cause (DNS, TLS, CORS, a cut) as the
 * same opaque TypeError.
 *
 * @param connection when it is aborted, its reason is what really happened
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

/** @param missing what has not happened: "No byte came" */
export function timeoutError(missing: string, ms: number, url: string): FerryError {
  const message = `${missing} within ${ms} ms. The network or the server is too slow: try again.`
  return new FerryError('timeout', message, { retryable: true, url })
}

export interface FailedRange {
  /** HTTP status; undefined when no answer could be read. */
  readonly status?: number | undefined
  /** Whether the URL is past its deadline, or so near that it may have passed on the way. */
  readonly nearDeadline: boolean
}

/**
 * What to do after a presigned range request failed: ask the same URL `again`, `renew` the URLs, or `stop`.
 *
 * Stores refuse an expired URL with 403, some with 400, 401 or 404, and often without CORS headers, so
 * that a page sees no status at all: no answer near the deadline therefore counts as a refusal.
 */
export function verdict({ status, nearDeadline }: FailedRange): 'again' | 'renew' | 'stop' {
  if (status === undefined) return nearDeadline ? 'renew' : 'again'
  if ([400, 401, 403, 404].includes(status)) return 'renew'
  return isTransient(status) ? 'again' : 'stop'
}
