import type { Tier } from '../../auth/token-validation.ts'
import type { KeyLimits } from '../../queue/index.ts'

const row = (
  intervalMs: number,
  concurrency: number,
  maxWaiting: number,
  weight: number,
): KeyLimits => ({ intervalMs, concurrency, maxWaiting, maxWaitMs: 60_000, weight })

/** The defaults of the specification. */
export const limits: Readonly<Record<Tier, KeyLimits>> = {
  anonymous: row(6000, 1, 5, 1),
  recognised: row(3000, 2, 10, 2),
  seed: row(1000, 3, 15, 4),
  flower: row(1000, 6, 30, 8),
  nectar: row(0, 20, 100, 16),
  legacy: row(1000, 3, 15, 4),
}
