import { FerryError } from '../core/FerryError.ts'

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
