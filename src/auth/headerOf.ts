import type { AuthRequest } from './AuthRequest.ts'
import { trimEnds } from './trimEnds.ts'

/**
 * Value of a header field: repeated lines as one value (joined by `Headers`), outer spaces and tabs cut.
 *
 * @param name lower case
 * @returns null when it is absent or empty
 */
export function headerOf(headers: AuthRequest['headers'], name: string): string | null {
  const value = headers.get(name)
  return value === null ? null : trimEnds(value, ' \t') || null
}
