import type { Clock } from '../core/Clock.ts'
import type { Digest } from './Digest.ts'
import type { TokenValidator } from './TokenValidator.ts'
import type { TrustedProxies } from './TrustedProxies.ts'

/** `AuthOptions`, checked once and in the form in which they are asked for every request. */
export interface AuthPolicy {
  readonly validate: TokenValidator
  readonly isLegacy: (digest: Digest) => boolean
  /** Epoch milliseconds. */
  readonly legacyExpiresAt: number
  readonly isAllowed: (host: string) => boolean
  readonly isRegistered: (host: string) => boolean
  readonly proxies: TrustedProxies
  readonly forwardedHeader: string
  readonly ipv6Prefix: number
  readonly allowQueryToken: boolean
  readonly allowBodyToken: boolean
  readonly passTiers: ReadonlySet<string>
  readonly onQueryToken: (keyId: string, owner: string) => void
  readonly onUnknownTier: (tier: string) => void
  readonly clock: Clock
}
