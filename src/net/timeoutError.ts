import { FerryError } from '../core/FerryError.ts'

/** @param missing what has not happened: "No byte came" */
export function timeoutError(missing: string, ms: number, url: string): FerryError {
  const message = `${missing} within ${ms} ms. The network or the server is too slow: try again.`
  return new FerryError('timeout', message, { retryable: true, url })
}
