import type { Tier } from './Tier.ts'

const tiers: readonly string[] = ['seed', 'flower', 'nectar'] satisfies Tier[]

/** Whether a validator may give this tier; the others say how somebody without a user is known. */
export function isTokenTier(tier: string): tier is 'seed' | 'flower' | 'nectar' {
  return tiers.includes(tier)
}
