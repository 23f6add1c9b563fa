import type { CredentialCandidate } from './CredentialCandidate.ts'
import { isToken68 } from './isToken68.ts'

/** A scheme name (a token of RFC 9110, section 5.6.2), one or more spaces, the rest. */
const shape = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +([^ ][^]*)$/

/**
 * The credential of an `Authorization` field.
 *
 * @param value not empty, outer blanks cut
 * @returns null for another scheme than Bearer, which is nobody's mistake; what has no such shape is malformed
 * @example authorizationCandidate('bearer abc') // { value: 'abc', wellFormed: true, ... }
 */
export function authorizationCandidate(value: string): CredentialCandidate | null {
  const [, scheme, rest] = shape.exec(value) ?? []
  const source = 'header:authorization'
  if (scheme === undefined || rest === undefined) return { source, value, wellFormed: false }
  if (scheme.toLowerCase() !== 'bearer') return null
  return { source, value: rest, wellFormed: isToken68(rest) }
}
