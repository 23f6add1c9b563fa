// Decides who waits and for how long: fair queueing per key, quotas and concurrency limits over a limit store.
// Knows keys and weights, never tokens or requests; the clock is injected.
// Start with fair-queue.ts. What users of modelferry/queue get is in public.ts.

export { createQueue } from './create-queue.ts'
export { createMemoryStore } from './memory-store.ts'
export { createScaling } from './scaling.ts'
export {
  QueueRefusal,
  type KeyLimits,
  type Queue,
  type QueueState,
  type RefusalWhy,
  type Slot,
} from './types.ts'
