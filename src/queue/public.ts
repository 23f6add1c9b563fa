// Entry "modelferry/queue".

export { limitStoreCases } from './conformance/limit-store-cases.ts'
export type { LimitStoreCase, LimitStoreSubject } from './conformance/reservation-cases.ts'
export { createQueue } from './fair-queue.ts'
export type {
  KeyStats,
  Lease,
  LeaseRequest,
  LimitStore,
  MaybePromise,
  Refused,
  Reserved,
  StartRequest,
  StoreCapabilities,
} from './limit-store.ts'
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.ts'
export type { FailMode, QueueOptions } from './options.ts'
export {
  QueueRefusal,
  type Caller,
  type KeyLimits,
  type Queue,
  type QueueEvent,
  type QueueState,
  type RefusalWhy,
  type Slot,
  type Ticket,
} from './queue.ts'
export {
  createScaling,
  type Outcome,
  type Scaling,
  type ScalingChange,
  type ScalingOptions,
  type ScalingSample,
} from './scaling.ts'
