import type { KeyLimits } from '../queue.ts'

const usual = { maxWaitMs: 60_000 }

/** Limits as the service publishes them, for tests. */
export const tiers: Readonly<Record<'anonymous' | 'recognised' | 'seed' | 'nectar', KeyLimits>> = {
  anonymous: { ...usual, intervalMs: 6000, concurrency: 1, maxWaiting: 5, weight: 1 },
  recognised: { ...usual, intervalMs: 3000, concurrency: 2, maxWaiting: 10, weight: 2 },
  seed: { ...usual, intervalMs: 1000, concurrency: 3, maxWaiting: 15, weight: 4 },
  nectar: { ...usual, intervalMs: 0, concurrency: 20, maxWaiting: 100, weight: 16 },
}
