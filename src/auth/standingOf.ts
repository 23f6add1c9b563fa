import type { AuthPolicy } from './AuthPolicy.ts'
import { askValidator } from './askValidator.ts'
import type { Digest } from './Digest.ts'
import type { Standing } from './Standing.ts'

/**
 * What a token is worth now. The legacy list comes first and is final: its tokens work while the validator does
 * not, and end on their day although nobody else knows them.
 */
export async function standingOf(
  token: string,
  digest: Digest,
  { isLegacy, legacyExpiresAt, validate, clock }: AuthPolicy,
): Promise<Standing> {
  if (isLegacy(digest)) return { state: clock.now() > legacyExpiresAt ? 'invalid' : 'legacy' }
  const verdict = await askValidator(validate, token, digest.hex)
  if (verdict.state !== 'valid' || verdict.expiresAt === undefined) return verdict
  return clock.now() >= verdict.expiresAt ? { state: 'invalid' } : verdict
}
