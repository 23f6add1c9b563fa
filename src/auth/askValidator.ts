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
    const verdict = withoutNulls(await validate(token, digest))
    if (verdict.state === 'invalid' || verdict.state === 'unavailable') return verdict
    const { sub, keyId = '', scope = [], expiresAt = 0 } = verdict
    const named = isText(sub) && sub !== '' && isText(keyId)
    const ends = typeof expiresAt === 'number' && !Number.isNaN(expiresAt)
    if (verdict.state === 'valid' && named && ends && Array.isArray(scope) && scope.every(isText))
      return verdict
  } catch {
    // Said below, as for any other nonsense.
  }
  return { state: 'unavailable' }
}

/** JSON has null where types have nothing. */
function withoutNulls(verdict: Verdict): Verdict {
  if (!Object.values<unknown>(verdict).includes(null)) return verdict
  const said = Object.entries(verdict).filter(([, value]) => value !== null)
  return Object.fromEntries(said) as Verdict
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
