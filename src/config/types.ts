import type { Tier } from '../auth/index.ts'
import type { LogEvent } from '../log/index.ts'

/** Rules of authentication. */
export interface AuthConfig {
  readonly tokens: readonly TokenConfig[]
  /** The service that validates tokens which are not in {@link tokens}. */
  readonly introspect?: IntrospectConfig
  /** SHA-256 of each legacy token, 64 lower-case hex digits. */
  readonly legacyTokens: readonly string[]
  /** Epoch milliseconds at which the legacy tokens expire; set when there are any. */
  readonly legacyExpires?: number
  /** Whether a legacy token may be the name of a listed host, which can be guessed. */
  readonly legacyHostNames: boolean
  /** Hosts, or `*.` and a host; lower-case. */
  readonly allowedHosts: readonly string[]
  /** Hosts; lower-case. */
  readonly registeredHosts: readonly string[]
  readonly queryTokens: boolean
  readonly bodyTokens: boolean
  readonly passTiers: readonly Tier[]
}

/** A token, listed by its digest. */
export interface TokenConfig {
  /** 64 lower-case hex digits. */
  readonly sha256: string
  /** User id. */
  readonly sub: string
  readonly tier?: Extract<Tier, 'seed' | 'flower' | 'nectar'>
  /** Id of the token in logs. */
  readonly keyId?: string
  readonly username?: string
  readonly scope?: readonly string[]
  /** Epoch milliseconds at which it expires. */
  readonly expires?: number
}

/** A remote validator. */
export interface IntrospectConfig {
  readonly url: string
  readonly keyId: string
  readonly secret: string
  /** URL of the list of revoked tokens. */
  readonly revocationsUrl?: string
}

/** The configuration of a gateway: complete, checked, with all secrets resolved. It must never be logged. */
export interface GatewayConfig {
  /** Realm of the challenges. */
  readonly realm: string
  /** Public URL of the gateway: origin and optional path, without a trailing slash. */
  readonly publicUrl?: string
  readonly auth: AuthConfig
  readonly network: NetworkConfig
  readonly tiers: Readonly<Record<Tier, TierConfig>>
  readonly queue: QueueConfig
  readonly services: readonly ServiceConfig[]
  readonly rollout: RolloutConfig
  /** Keys that may call `POST /v1/introspect`; without one the endpoint does not exist. */
  readonly serviceKeys: readonly CallerKey[]
  readonly metrics: {
    /** SHA-256 of the tokens that may read `/metrics` and `/usage`. */
    readonly tokens: readonly string[]
    /** Port on 127.0.0.1 where local programs read both without a token; 0: any free port. */
    readonly port?: number
  }
  readonly body: BodyConfig
  readonly log: {
    /** Events that are logged. */
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

/** How far the rules of {@link GatewayConfig.auth} apply already. */
export interface RolloutConfig {
  /** `shadow`: the new decision is made and logged, but the old one applies; `off`: only the old one is made. */
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Percentage of the network keys for which {@link mode} applies; the old rules apply to the others. */
  readonly percent: number
  /** The old rules; without them every request was anonymous. */
  readonly previous?: AuthConfig
}

/** Minimum speed of request bodies. */
export interface BodyConfig {
  /** Longest time without a byte of the body, seconds. */
  readonly idleSeconds: number
  /** Minimum bytes per second on average, after the first {@link idleSeconds}. */
  readonly bytesPerSecond: number
}

/** What pages of other origins may do; omitted entries have the gateway's values. */
export interface CorsConfig {
  /** Origins, or `*`. */
  readonly origins?: readonly string[]
  /** Lower-case; a trailing `*` matches the rest of a name. */
  readonly allowHeaders?: readonly string[]
  readonly exposeHeaders?: readonly string[]
}

/** The queue as a whole. */
export interface QueueConfig {
  /** Requests that run at once, over all keys. */
  readonly concurrency: number
  /** Slots of {@link concurrency} that only requests with a token may use. Default: a quarter. */
  readonly reservedForTokens?: number
  /** Requests that wait at once, over all keys. */
  readonly maxWaiting: number
  /** Maximum number of keys in memory. */
  readonly maxKeys: number
  /** Seconds after which a slot that is not renewed is free again. */
  readonly leaseSeconds: number
  /** Behaviour when the limit store fails: apply the limits within this process, admit all, or admit none. */
  readonly failMode: 'local' | 'open' | 'closed'
  /** How many gateways share the limits; each uses its part of them while the store fails. */
  readonly instances: number
  readonly scaling: ScalingConfig
}

/** How {@link QueueConfig.concurrency} follows the load. It starts at the configured value. */
export interface ScalingConfig {
  /** `dry-run` reports changes without applying them. */
  readonly mode: 'off' | 'dry-run' | 'on'
  readonly min: number
  readonly max: number
  /** Milliseconds. */
  readonly windowMs: number
  readonly minSamples: number
  /** Added after a window without overload and with high utilisation. */
  readonly increase: number
  /** Factor after an overload. */
  readonly decrease: number
  readonly targetUtilisation: number
  readonly latencyTolerance: number
  readonly cooldownWindows: number
}

/** A service behind the gateway. */
export interface ServiceConfig {
  /** Its name in logs. */
  readonly name: string
  /** Begins and ends with a slash; the longest matching path wins. */
  readonly path: string
  /** Without a trailing slash. Default: the embedded hub. */
  readonly upstream?: string
  readonly credential?: ServiceKey
  /** The first match determines the cost of a request. Without a match the cost is 1. */
  readonly costs: readonly CostConfig[]
  readonly cors: CorsConfig
  /** Seconds until the service must begin its response. */
  readonly timeoutSeconds: number
}

/** Key id and secret of a service for signatures. */
export interface ServiceKey {
  readonly keyId: string
  readonly secret: string
}

/** The key of a caller of this gateway's own endpoints. */
export interface CallerKey extends ServiceKey {
  /** Owner of the key: one service may have two active keys, for rotation. */
  readonly service?: string
}

/** The cost of requests to a path. */
export interface CostConfig {
  /** A path in which `*` matches anything. */
  readonly path: string
  /** Upper-case; none: all methods. */
  readonly method?: string
  /** Starts of the interval that it uses; 0: only concurrency counts. */
  readonly cost: number
}

/** Limits of one tier, in whole seconds: they are published, and the standard header allows no fractions. */
export interface TierConfig {
  /** Seconds in which {@link concurrency} starts are admitted; 0: no interval. */
  readonly intervalSeconds: number
  /** Requests that run at once, and starts per interval. */
  readonly concurrency: number
  /** Requests that wait at once; one more is refused. */
  readonly maxWaiting: number
  /** Seconds; a request that would wait longer is refused at once. */
  readonly maxWaitSeconds: number
  /** Weight of a key in the round robin for the queue's slots. */
  readonly weight: number
}

/** The entries of one source. Of several sources, the first one with an entry wins. */
export interface ConfigLayer {
  /** Its name in errors and explanations: `the local file, environment production`. */
  readonly name: string
  readonly value: unknown
}

/** The sources of a configuration, already read: no file is touched here. */
export interface ConfigSources {
  /** Environment variables; only those with the prefix `MODELFERRY_`, or that a file refers to, are read. */
  readonly process: Readonly<Record<string, string | undefined>>
  /** The local file, parsed. */
  readonly local?: unknown
  /** The shared file, parsed. */
  readonly shared?: unknown
  /** The entry of the files' `environments` that overrides their base. Default: the variable `MODELFERRY_ENVIRONMENT`. */
  readonly environment?: string
  /** Names of the files in errors. Default: `the local file`, `the shared file`. */
  readonly names?: { readonly local?: string; readonly shared?: string }
}
