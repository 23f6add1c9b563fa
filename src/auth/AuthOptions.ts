import type { Clock } from '../core/Clock.ts'
import type { TokenValidator } from './TokenValidator.ts'

/** What decisions are made with; all of it comes from configuration, once, at start. */
export interface AuthOptions {
  /** Says what a token is worth. Default: every token is invalid. */
  readonly validate?: TokenValidator
  /** SHA-256 of each legacy token, 64 hex digits. Default: none. */
  readonly legacyTokens?: readonly string[]
  /** Epoch milliseconds after which legacy tokens are invalid. Must be given when there are any. */
  readonly legacyExpiresAt?: number
  /** Front ends that are recognised: hosts, or `*.` and a host; a list, or text with commas. Default: none. */
  readonly allowedHosts?: string | readonly string[]
  /** Front ends that somebody registered: hosts. Recognised like allowed ones, by another reason. */
  readonly registeredHosts?: readonly string[]
  /** Ranges as `10.0.0.0/8` whose forwarded header is believed. Default: none. */
  readonly trustedProxies?: readonly string[]
  /** The one header that is believed. Default: `x-forwarded-for`. */
  readonly forwardedHeader?: string
  /** Bits of an IPv6 address that make a network, 32 to 128. Default: 64. */
  readonly ipv6Prefix?: number
  /** Whether `?token=` is read. Default: true. */
  readonly allowQueryToken?: boolean
  /** Whether `token` in a JSON body of a POST is read. Default: false. */
  readonly allowBodyToken?: boolean
  /** Tiers that skip interval and fair queue. Default: `nectar` and `legacy`. */
  readonly passTiers?: readonly string[]
  /** Whether a host is itself a public suffix (private section included). Default: single labels except localhost. */
  readonly isPublicSuffix?: (host: string) => boolean
  /** Told once per subject when a token came in a query, and which one, so that somebody can move it. */
  readonly onQueryToken?: (keyId: string) => void
  /** Told once per tier that a validator gave and that does not exist; its users wait as anonymous ones. */
  readonly onUnknownTier?: (tier: string) => void
  readonly clock?: Clock
}
