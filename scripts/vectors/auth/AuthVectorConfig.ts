/** What the cases of a vector file are decided with. */
export interface AuthVectorConfig {
  /** What the validator says of a token; of any other that it is inactive. */
  readonly tokens: Readonly<
    Record<
      string,
      { readonly active: boolean; readonly sub?: string; readonly tier?: string | null }
    >
  >
  /** As they are sent. */
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
