import type { Tier } from '../auth/index.ts'
import type { KeyLimits } from '../queue/index.ts'
import type { GatewayConfig, TierConfig } from './types.ts'

/**
 * The limits of every tier, as tickets of the queue carry them.
 *
 * @param config its tiers
 * @example const limits = tierLimits(loadConfig({ process: process.env, local }))
 */
export function tierLimits({
  tiers,
}: Pick<GatewayConfig, 'tiers'>): Readonly<Record<Tier, KeyLimits>> {
  return {
    anonymous: limitsOf(tiers.anonymous),
    recognised: limitsOf(tiers.recognised),
    seed: limitsOf(tiers.seed),
    flower: limitsOf(tiers.flower),
    nectar: limitsOf(tiers.nectar),
    legacy: limitsOf(tiers.legacy),
  }
}

function limitsOf(tier: TierConfig): KeyLimits {
  return {
    intervalMs: tier.intervalSeconds * 1000,
    concurrency: tier.concurrency,
    maxWaiting: tier.maxWaiting,
    maxWaitMs: tier.maxWaitSeconds * 1000,
    weight: tier.weight,
  }
}

/** The public part of a configuration: the limits of each tier, and how to get it. */
export interface PublishedPolicy {
  readonly realm: string
  readonly tiers: Readonly<Record<Tier, PublishedTier>>
}

/** One tier; `q` and `w` as in the `RateLimit-Policy` header. */
export interface PublishedTier {
  /** Starts per {@link w}; also the concurrency. */
  readonly q: number
  /** Seconds; omitted when only the concurrency is limited. */
  readonly w?: number
  readonly maxWaiting: number
  readonly maxWaitSeconds: number
  /** The unit that shares one quota. */
  readonly sharedBy: 'network' | 'subject' | 'token'
  /** Whether the interval and the round robin are skipped. */
  readonly pass: boolean
  /** How a caller gets this tier. */
  readonly how: string
}

const who: Readonly<Record<Tier, Pick<PublishedTier, 'sharedBy' | 'how'>>> = {
  anonymous: { sharedBy: 'network', how: 'No token, and no listed site.' },
  recognised: {
    sharedBy: 'network',
    how: 'Pages of a listed site, known by their origin; they share the queue of their network.',
  },
  seed: { sharedBy: 'subject', how: 'A token of this tier, or of none.' },
  flower: { sharedBy: 'subject', how: 'A token of this tier.' },
  nectar: { sharedBy: 'subject', how: 'A token of this tier.' },
  legacy: { sharedBy: 'token', how: 'A token from before there were accounts, until it expires.' },
}

/**
 * The body of `GET /.well-known/modelferry-policy`. It contains no host, no token and no totals of the queue: callers
 * learn their own limits, not how many requests fill the queue.
 *
 * @param limits the object that the queue reads, so that the published limits are the real ones
 * @param config its realm, tiers and authentication
 * @example const body = JSON.stringify(publishedPolicy(loadConfig({ process: process.env, local })))
 */
export function publishedPolicy(
  { realm, tiers, auth }: Pick<GatewayConfig, 'realm' | 'tiers' | 'auth'>,
  limits: Readonly<Record<Tier, KeyLimits>> = tierLimits({ tiers }),
): PublishedPolicy {
  const publish = (tier: Tier): PublishedTier => {
    const { intervalMs, concurrency, maxWaiting, maxWaitMs } = limits[tier]
    return {
      q: concurrency,
      ...(intervalMs > 0 && { w: intervalMs / 1000 }),
      maxWaiting,
      maxWaitSeconds: maxWaitMs / 1000,
      ...who[tier],
      pass: auth.passTiers.includes(tier),
    }
  }
  return {
    realm,
    tiers: {
      anonymous: publish('anonymous'),
      recognised: publish('recognised'),
      seed: publish('seed'),
      flower: publish('flower'),
      nectar: publish('nectar'),
      legacy: publish('legacy'),
    },
  }
}
