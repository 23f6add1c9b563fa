import type { Auth } from '../../auth/Auth.ts'
import { createAuth } from '../../auth/createAuth.ts'
import type { TokenValidator } from '../../auth/TokenValidator.ts'
import type { AuthConfig } from '../../config/AuthConfig.ts'
import type { NetworkConfig } from '../../config/GatewayConfig.ts'
import type { GatewayParts } from './GatewayParts.ts'
import { isPublicSuffix } from './isPublicSuffix.ts'

/**
 * Makes the decision of some configured rules.
 *
 * @param rules who is known
 * @param network how addresses are found
 * @throws FerryError `configuration`
 */
export function authFromConfig(
  rules: AuthConfig,
  network: NetworkConfig,
  validate: TokenValidator,
  { clock, note }: Pick<GatewayParts, 'clock' | 'note'>,
): Auth {
  return createAuth({
    validate,
    legacyTokens: rules.legacyTokens,
    ...(rules.legacyExpires !== undefined && { legacyExpiresAt: rules.legacyExpires }),
    allowedHosts: rules.allowedHosts,
    registeredHosts: rules.registeredHosts,
    trustedProxies: network.trustedProxies,
    forwardedHeader: network.forwardedHeader,
    ipv6Prefix: network.ipv6Prefix,
    allowQueryToken: rules.queryTokens,
    allowBodyToken: rules.bodyTokens,
    passTiers: rules.passTiers,
    isPublicSuffix,
    onQueryToken: (keyId) =>
      note?.(`The token ${keyId} came in an address, where it is written down by everybody.`),
    onUnknownTier: (tier) =>
      note?.(
        `A token has the tier ${JSON.stringify(tier)}, which does not exist: it counts as none.`,
      ),
    ...(clock && { clock }),
  })
}
