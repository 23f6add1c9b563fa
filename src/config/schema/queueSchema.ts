import * as v from 'valibot'
import type { QueueConfig } from '../QueueConfig.ts'
import { numberBetween } from './numberBetween.ts'
import { oneOf } from './oneOf.ts'
import { sectionOf } from './sectionOf.ts'
import { wholeNumber } from './wholeNumber.ts'

const scaling = sectionOf({
  mode: v.optional(oneOf('off', 'dry-run', 'on'), 'off'),
  min: v.optional(wholeNumber(1, 10_000), 4),
  max: v.optional(wholeNumber(1, 10_000), 128),
  windowMs: v.optional(wholeNumber(100, 3_600_000), 1000),
  minSamples: v.optional(wholeNumber(1, 10_000), 10),
  increase: v.optional(wholeNumber(1, 1000), 1),
  decrease: v.optional(numberBetween(0.1, 0.99), 0.9),
  targetUtilisation: v.optional(numberBetween(0.1, 1), 0.8),
  latencyTolerance: v.optional(numberBetween(1, 100), 2),
  cooldownWindows: v.optional(wholeNumber(0, 1000), 1),
})

/** The queue as a whole. */
export const queueSchema: v.GenericSchema<unknown, QueueConfig> = sectionOf({
  concurrency: v.optional(wholeNumber(1, 10_000), 32),
  maxWaiting: v.optional(wholeNumber(0, 1_000_000), 1000),
  maxKeys: v.optional(wholeNumber(1, 1_000_000), 10_000),
  leaseSeconds: v.optional(wholeNumber(1, 86_400), 120),
  failMode: v.optional(oneOf('local', 'open', 'closed'), 'local'),
  instances: v.optional(wholeNumber(1, 10_000), 1),
  scaling: v.optional(scaling, {}),
})
