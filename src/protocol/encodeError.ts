import { FerryError } from '../core/FerryError.ts'
import type { FerryErrorCode } from '../core/FerryErrorCode.ts'
import { redactSecrets } from '../core/redactSecrets.ts'
import { redactUrl } from '../core/redactUrl.ts'
import type { ErrorData } from './ErrorData.ts'

/** Whole addresses inside messages lose their query, whatever its parameters are called. */
function redactText(text: string): string {
  return redactSecrets(text.replaceAll(/https?:\/\/[^\s"'<>]+/g, (url) => redactUrl(url)))
}

/**
 * Turns anything thrown into data that survives a realm boundary.
 *
 * @param error a FerryError keeps its code; an abort becomes `aborted`, everything else `fallback`
 * @param fallback code for errors that are not ours
 */
export function encodeError(error: unknown, fallback: FerryErrorCode = 'worker'): ErrorData {
  if (error instanceof FerryError) {
    const { code, message, retryable, url, status, errorCode } = error
    return {
      code,
      message: redactText(message),
      retryable,
      ...(url !== undefined && { url }),
      ...(status !== undefined && { status }),
      ...(errorCode !== undefined && { errorCode }),
    }
  }
  const { name, message } =
    error instanceof Error || error instanceof DOMException ? error : new Error(String(error))
  const code = name === 'AbortError' ? 'aborted' : name === 'TimeoutError' ? 'timeout' : fallback
  return { code, message: redactText(message), retryable: code === 'timeout' }
}
