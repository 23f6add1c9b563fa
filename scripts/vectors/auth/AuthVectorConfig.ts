/** The configuration for the cases of a vector file. */
export interface AuthVectorConfig {
  /** The validator's answer for each token; all others are inactive. */
  readonly tokens: Readonly<
    Record<
      string,
      { readonly active: boolean; readonly sub?: string; readonly tier?: string | null }
    >
  >
  /** As they appear in requests. */
  readonly legacyTokens: readonly string[]
  readonly allowedHosts: string | readonly string[]
  /** By host. */
  readonly registeredHosts: Readonly<Record<string, unknown>>
  readonly trustedProxies: readonly string[]
  readonly proxyHeader: string
  readonly allowQueryToken: boolean
  readonly allowBodyToken: boolean
  readonly legacyBypass: boolean
  readonly ipv6Prefix: number
  readonly validator: 'up' | 'down'
}
