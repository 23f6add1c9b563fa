import type { TokenValidator } from './TokenValidator.ts'
import type { Verdict } from './Verdict.ts'

/**
 * Asks a validator that may be anybody's. One that throws, or says what is no verdict, is out of order: nobody
 * is let in, and nobody is told that a token is wrong.
 */
export async function askValidator(
  validate: TokenValidator,
  token: string,
  digest: string,
): Promise<Verdict> {
  try {
    const verdict = await validate(token, digest)
    if (verdict.state === 'invalid' || verdict.state === 'unavailable') return verdict
    const keyed = ['string', 'undefined'].includes(typeof verdict.keyId)
    const named = typeof verdict.sub === 'string' && verdict.sub !== ''
    if (verdict.state === 'valid' && named && keyed) return verdict
  } catch {
    // Said below, as for any other nonsense.
  }
  return { state: 'unavailable' }
}
