import type { FerryErrorCode } from '../core/FerryErrorCode.ts'
import { redactSecrets } from '../core/redactSecrets.ts'
import { redactUrl } from '../core/redactUrl.ts'
import type { ErrorData } from './ErrorData.ts'
import { plainError } from './plainError.ts'

/**
 * Turns anything thrown into data that may leave the realm: whole addresses in its message lose their query,
 * whatever the parameters are called, and what looks like a secret goes.
 *
 * @param fallback code for errors that are not ours
 */
export function encodeError(error: unknown, fallback?: FerryErrorCode): ErrorData {
  const data = plainError(error, fallback)
  const bare = data.message.replaceAll(/https?:\/\/[^\s"'<>]+/g, (url) => redactUrl(url))
  return { ...data, message: redactSecrets(bare) }
}
