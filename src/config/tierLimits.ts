import type { Tier } from '../auth/Tier.ts'
import type { KeyLimits } from '../queue/KeyLimits.ts'
import type { GatewayConfig } from './GatewayConfig.ts'
import type { TierConfig } from './TierConfig.ts'

/** The limits of every tier, as tickets of the queue carry them. */
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
