import type { AuthOptions } from '../../../src/auth/auth.ts'
import { legacyHashes } from '../../../src/auth/digests.ts'
import type { TokenValidator } from '../../../src/auth/token-validation.ts'
import { isPublicSuffix } from '../../../src/gateway/auth-from-config.ts'
import type { AuthVectorConfig } from './AuthVectorConfig.ts'

/** Converts a vector file's configuration to options; missing members have their defaults. */
export function authOptionsOf(config: Partial<AuthVectorConfig>): AuthOptions {
  const { allowedHosts, trustedProxies, proxyHeader, ipv6Prefix } = config
  const { allowQueryToken, allowBodyToken } = config
  return {
    validate: validatorOf(config),
    legacyTokens: legacyHashes(config.legacyTokens ?? []),
    legacyExpiresAt: Number.MAX_SAFE_INTEGER,
    registeredHosts: Object.keys(config.registeredHosts ?? {}),
    passTiers: config.legacyBypass === false ? ['nectar'] : ['nectar', 'legacy'],
    isPublicSuffix,
    ...(allowedHosts !== undefined && { allowedHosts }),
    ...(trustedProxies !== undefined && { trustedProxies }),
    ...(proxyHeader !== undefined && { forwardedHeader: proxyHeader }),
    ...(ipv6Prefix !== undefined && { ipv6Prefix }),
    ...(allowQueryToken !== undefined && { allowQueryToken }),
    ...(allowBodyToken !== undefined && { allowBodyToken }),
  }
}

function validatorOf({ tokens = {}, validator }: Partial<AuthVectorConfig>): TokenValidator {
  if (validator === 'down') return async () => ({ state: 'unavailable' })
  return async (token) => {
    const answer = Object.hasOwn(tokens, token) ? tokens[token] : undefined
    if (answer?.active !== true || answer.sub === undefined) return { state: 'invalid' }
    const { sub, tier } = answer
    return { state: 'valid', sub, ...(typeof tier === 'string' && { tier }) }
  }
}
