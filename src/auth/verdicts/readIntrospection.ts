import * as v from 'valibot'
import { plainText } from './plainText.ts'
import type { TimedVerdict } from './TimedVerdict.ts'

const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(8_640_000_000_000))

const schema = v.variant('active', [
  v.object({ active: v.literal(false) }),
  v.object({
    active: v.literal(true),
    sub: plainText,
    username: v.nullish(plainText),
    tier: v.nullish(plainText),
    scope: v.nullish(v.pipe(v.array(plainText), v.maxLength(100))),
    keyId: v.nullish(plainText),
    exp: v.nullish(seconds),
    cacheTtl: v.nullish(seconds),
  }),
])

/**
 * Reads the answer of an introspection endpoint.
 *
 * @param bytes of the body
 * @returns the verdict; or where the answer does not follow the protocol, without its values
 */
export function readIntrospection(
  bytes: Uint8Array,
): { readonly verdict: TimedVerdict } | { readonly fault: string } {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return { fault: 'it is not JSON' }
  }
  const parsed = v.safeParse(schema, json, { abortEarly: true })
  if (!parsed.success) {
    const field = v.getDotPath(parsed.issues[0]) ?? 'the answer itself'
    return { fault: `${field} is not what it should be` }
  }
  const said = parsed.output
  if (!said.active) return { verdict: { state: 'invalid' } }
  const { sub, username, tier, scope, keyId, exp, cacheTtl } = said
  return {
    verdict: {
      state: 'valid',
      sub,
      ...(username != null && { username }),
      ...(tier != null && { tier }),
      ...(scope != null && { scope }),
      ...(keyId != null && { keyId }),
      ...(exp != null && { expiresAt: exp * 1000 }),
      ...(cacheTtl != null && { maxAgeMs: cacheTtl * 1000 }),
    },
  }
}
