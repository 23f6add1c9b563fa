// Decides which request starts when: fair queueing per key, quotas and concurrency limits over a limit store.
// Knows keys and weights, never tokens or requests; the clock is injected.
// Start with fair-queue.ts. What users of modelferry/queue get is in public.ts.

export { createQueue } from './fair-queue.ts'
export { createMemoryStore } from './memory-store.ts'
export {
  QueueRefusal,
  type KeyLimits,
  type Queue,
  type QueueState,
  type RefusalWhy,
  type Slot,
} from './queue.ts'
export { createScaling } from './scaling.ts'
