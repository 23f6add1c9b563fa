import * as v from 'valibot'
import type { Tier } from '../../auth/Tier.ts'
import type { TierConfig } from '../TierConfig.ts'
import { sectionOf } from './sectionOf.ts'
import { wholeNumber } from './wholeNumber.ts'

/** One row; what is left out is as given here. */
function row(
  intervalSeconds: number,
  concurrency: number,
  maxWaiting: number,
  weight: number,
): v.OptionalSchema<v.GenericSchema<unknown, TierConfig>, object> {
  const tier = sectionOf({
    intervalSeconds: v.optional(wholeNumber(0, 86_400), intervalSeconds),
    concurrency: v.optional(wholeNumber(1, 10_000), concurrency),
    maxWaiting: v.optional(wholeNumber(0, 100_000), maxWaiting),
    maxWaitSeconds: v.optional(wholeNumber(0, 3600), 60),
    weight: v.optional(wholeNumber(1, 1000), weight),
  })
  return v.optional(tier, {})
}

/** Who waits how. */
export const tiersSchema: v.GenericSchema<unknown, Record<Tier, TierConfig>> = sectionOf({
  anonymous: row(6, 1, 5, 1),
  recognised: row(3, 2, 10, 2),
  seed: row(1, 3, 15, 4),
  flower: row(1, 6, 30, 8),
  nectar: row(0, 20, 100, 16),
  legacy: row(1, 3, 15, 4),
})
