import type { Tier } from '../auth/index.ts'
import type { LogEvent } from '../log/index.ts'

/** Rules of authentication. */
export interface AuthConfig {
  readonly tokens: readonly TokenConfig[]
  /** Who is asked about tokens that are not in {@link tokens}. */
  readonly introspect?: IntrospectConfig
  /** SHA-256 of each legacy token, 64 lower-case hex digits. */
  readonly legacyTokens: readonly string[]
  /** Epoch milliseconds at which the legacy tokens end; there when there are any. */
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
  /** Keys that may call `POST /v1/introspect`; without one the address does not exist. */
  readonly serviceKeys: readonly CallerKey[]
  readonly metrics: {
    /** SHA-256 of the tokens that may read `/metrics` and `/usage`. */
    readonly tokens: readonly string[]
    /** Port on 127.0.0.1 on which programs of this machine read both without a token; 0: any free one. */
    readonly port?: number
  }
  readonly body: BodyConfig
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
  /** The old rules; none: every request passed as anonymous. */
  readonly previous?: AuthConfig
}

/** How request bodies have to arrive. */
export interface BodyConfig {
  /** Seconds in which some of a body has to arrive. */
  readonly idleSeconds: number
  /** Bytes per second on average, after the first {@link idleSeconds}. */
  readonly bytesPerSecond: number
}

/** What pages of other origins may do; what is left out is as the gateway has it. */
export interface CorsConfig {
  /** Origins, or `*`. */
  readonly origins?: readonly string[]
  /** Lower-case; `*` at the end stands for the rest of a name. */
  readonly allowHeaders?: readonly string[]
  readonly exposeHeaders?: readonly string[]
}

/** The queue as a whole. */
export interface QueueConfig {
  /** Runs at once, over all keys. */
  readonly concurrency: number
  /** Slots of {@link concurrency} that only requests with a token may use. Default: a quarter. */
  readonly reservedForTokens?: number
  /** Waiting at once, over all keys. */
  readonly maxWaiting: number
  /** Keys in memory. */
  readonly maxKeys: number
  /** Seconds after which a slot that is not renewed is free again. */
  readonly leaseSeconds: number
  /** What happens when the store of limits fails: apply the limits within this process, admit all, or admit none. */
  readonly failMode: 'local' | 'open' | 'closed'
  /** How many gateways share the limits; each keeps its part of them while the store fails. */
  readonly instances: number
  readonly scaling: ScalingConfig
}

/** How {@link QueueConfig.concurrency} follows the load. It begins with the value that is written there. */
export interface ScalingConfig {
  /** `dry-run` tells what it would do. */
  readonly mode: 'off' | 'dry-run' | 'on'
  readonly min: number
  readonly max: number
  /** Milliseconds. */
  readonly windowMs: number
  readonly minSamples: number
  /** Added after a good window that was used. */
  readonly increase: number
  /** Multiplied by after an overload. */
  readonly decrease: number
  readonly targetUtilisation: number
  readonly latencyTolerance: number
  readonly cooldownWindows: number
}

/** Something that stands behind the gateway. */
export interface ServiceConfig {
  /** Names it in logs. */
  readonly name: string
  /** Begins and ends with a slash; of several that fit, the longest has the request. */
  readonly path: string
  /** Without a slash at its end. None: the embedded hub. */
  readonly upstream?: string
  readonly credential?: ServiceKey
  /** The first that fits a request says what it costs; none does: 1. */
  readonly costs: readonly CostConfig[]
  readonly cors: CorsConfig
  /** Seconds that the service may take to begin its answer. */
  readonly timeoutSeconds: number
}

/** Who a service is, and what it signs with. */
export interface ServiceKey {
  readonly keyId: string
  readonly secret: string
}

/** Who may call this gateway's own endpoints. */
export interface CallerKey extends ServiceKey {
  /** Owner of the key: one service may have two at once, so that a key can be changed. */
  readonly service?: string
}

/** What a request counts for. */
export interface CostConfig {
  /** A path in which `*` stands for anything. */
  readonly path: string
  /** Upper-case; none: all methods. */
  readonly method?: string
  /** Starts that it counts for; 0: only concurrency counts. */
  readonly cost: number
}

/** How one tier waits, in whole seconds: they are published, and the standard header knows no fractions. */
export interface TierConfig {
  /** Seconds in which {@link concurrency} starts are let through; 0: no interval. */
  readonly intervalSeconds: number
  /** Runs at once, and starts per interval. */
  readonly concurrency: number
  /** Waiting at once; one more is refused. */
  readonly maxWaiting: number
  /** Seconds; who would wait longer is refused at once. */
  readonly maxWaitSeconds: number
  /** Share among the keys that wait for the whole queue's slots. */
  readonly weight: number
}

/** What one source says; of several, the first that says something about an entry is believed. */
export interface ConfigLayer {
  /** As errors and explanations call it: `the local file, environment production`. */
  readonly name: string
  readonly value: unknown
}

/** Everything a configuration is made of, already read: nothing here touches a file. */
export interface ConfigSources {
  /** Variables of the process; only those that begin with `MODELFERRY_`, or that a file refers to, are looked at. */
  readonly process: Readonly<Record<string, string | undefined>>
  /** The file of this machine, parsed. */
  readonly local?: unknown
  /** The file of all machines, parsed. */
  readonly shared?: unknown
  /** Which of the files' `environments` is put over their base; else the variable `MODELFERRY_ENVIRONMENT` says it. */
  readonly environment?: string
  /** What the files are called in errors. Default: `the local file`, `the shared file`. */
  readonly names?: { readonly local?: string; readonly shared?: string }
}
