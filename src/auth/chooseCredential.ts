import type { CredentialCandidate } from './CredentialCandidate.ts'
import type { FoundCredential } from './FoundCredential.ts'

/**
 * One credential, or what is wrong: anything malformed comes before several different values, and both before
 * anybody is asked what a value is worth. The same value in two places is one credential; two different ones
 * are refused, as RFC 6750, section 2, wants it.
 *
 * @param candidates in the order in which their sources count
 */
export function chooseCredential(candidates: readonly CredentialCandidate[]): FoundCredential {
  const malformed = candidates.find(({ wellFormed }) => !wellFormed)
  if (malformed) return { state: 'malformed', source: malformed.source }
  const [first] = candidates
  if (!first) return { state: 'none' }
  if (candidates.some(({ value }) => value !== first.value)) return { state: 'several' }
  return { state: 'one', source: first.source, token: first.value }
}
