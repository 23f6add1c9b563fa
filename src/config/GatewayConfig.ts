import type { Tier } from '../auth/Tier.ts'
import type { LogEvent } from '../log/LogLine.ts'
import type { AuthConfig } from './AuthConfig.ts'
import type { QueueConfig } from './QueueConfig.ts'
import type { CallerKey, ServiceConfig } from './ServiceConfig.ts'
import type { TierConfig } from './TierConfig.ts'

/** What a gateway is made with: complete, checked, every secret in its place. Never to be logged as it is. */
export interface GatewayConfig {
  /** Named in challenges. */
  readonly realm: string
  /** Origin, with a path or without, under which the world reaches the gateway; no slash at its end. */
  readonly publicUrl?: string
  readonly auth: AuthConfig
  readonly network: NetworkConfig
  readonly tiers: Readonly<Record<Tier, TierConfig>>
  readonly queue: QueueConfig
  readonly services: readonly ServiceConfig[]
  readonly rollout: RolloutConfig
  /** Who may call `POST /v1/introspect`; nobody: the address does not exist. */
  readonly serviceKeys: readonly CallerKey[]
  readonly metrics: {
    /** SHA-256 of the tokens that may read `/metrics` and `/usage`; loopback always may. */
    readonly tokens: readonly string[]
  }
  readonly log: {
    /** What is written down. */
    readonly events: readonly LogEvent[]
  }
}

/** How a client's address is found. */
export interface NetworkConfig {
  /** Ranges as `10.0.0.0/8`. */
  readonly trustedProxies: readonly string[]
  /** Lower-case. */
  readonly forwardedHeader: string
  readonly ipv6Prefix: number
}

/** How far the rules of {@link GatewayConfig.auth} count yet. */
export interface RolloutConfig {
  /** `shadow`: decided and logged beside the old decision, which counts; `off`: only the old one is made. */
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Part of the network keys for which {@link mode} holds; the old rules hold for the others. */
  readonly percent: number
  /** The old rules; none: everybody was let through as anonymous. */
  readonly previous?: AuthConfig
}
