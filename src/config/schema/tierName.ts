import type * as v from 'valibot'
import type { Tier } from '../../auth/Tier.ts'
import { oneOf } from './oneOf.ts'

/** A row of the table of tiers. */
export const tierName: v.GenericSchema<string, Tier> = oneOf(
  'anonymous',
  'recognised',
  'seed',
  'flower',
  'nectar',
  'legacy',
)
