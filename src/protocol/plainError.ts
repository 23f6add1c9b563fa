import { FerryError } from '../core/FerryError.ts'
import type { FerryErrorCode } from '../core/FerryErrorCode.ts'
import type { ErrorData } from './ErrorData.ts'

/**
 * Turns anything thrown into data that survives a realm boundary, as it is: for a page and its own worker.
 * What others get to see goes through `encodeError`.
 *
 * @param error a FerryError keeps its code; an abort becomes `aborted`, everything else `fallback`
 * @param fallback code for errors that are not ours
 */
export function plainError(error: unknown, fallback: FerryErrorCode = 'worker'): ErrorData {
  if (error instanceof FerryError) {
    const { code, message, retryable, url, status, errorCode } = error
    return {
      code,
      message,
      retryable,
      ...(url !== undefined && { url }),
      ...(status !== undefined && { status }),
      ...(errorCode !== undefined && { errorCode }),
    }
  }
  const { name, message } =
    error instanceof Error || error instanceof DOMException ? error : new Error(String(error))
  const code = name === 'AbortError' ? 'aborted' : name === 'TimeoutError' ? 'timeout' : fallback
  return { code, message, retryable: code === 'timeout' }
}
