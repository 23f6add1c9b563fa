import type { Tier } from '../auth/Tier.ts'

/** The rules by which it is decided who is asking. */
export interface AuthConfig {
  readonly tokens: readonly TokenConfig[]
  /** Who is asked about tokens that are not in {@link tokens}. */
  readonly introspect?: IntrospectConfig
  /** SHA-256 of each legacy token, 64 lower-case hex digits. */
  readonly legacyTokens: readonly string[]
  /** Epoch milliseconds at which the legacy tokens end; there when there are any. */
  readonly legacyExpires?: number
  /** Whether a legacy token may be the name of a listed host, which everybody knows. */
  readonly legacyHostNames: boolean
  /** Hosts, or `*.` and a host; lower-case. */
  readonly allowedHosts: readonly string[]
  /** Hosts; lower-case. */
  readonly registeredHosts: readonly string[]
  readonly queryTokens: boolean
  readonly bodyTokens: boolean
  readonly passTiers: readonly Tier[]
}

/** A token that is known by its digest. */
export interface TokenConfig {
  /** 64 lower-case hex digits. */
  readonly sha256: string
  /** User id. */
  readonly sub: string
  readonly tier?: Extract<Tier, 'seed' | 'flower' | 'nectar'>
  /** Names the token in logs. */
  readonly keyId?: string
  readonly username?: string
  readonly scope?: readonly string[]
  /** Epoch milliseconds at which it ends. */
  readonly expires?: number
}

/** A validator elsewhere. */
export interface IntrospectConfig {
  readonly url: string
  readonly keyId: string
  readonly secret: string
  /** Where the list of revoked tokens is read. */
  readonly revocationsUrl?: string
}
