import type { KeyStats } from './KeyStats.ts'
import type { Lease } from './Lease.ts'
import type { LeaseRequest } from './LeaseRequest.ts'
import type { LimitStore } from './LimitStore.ts'
import type { Refused } from './Refused.ts'
import type { Reserved } from './Reserved.ts'
import type { StartRequest } from './StartRequest.ts'

/** A limit store in this process: it answers at once. */
export interface MemoryStore extends LimitStore {
  reserve(key: string, request: StartRequest, now: number): Reserved | Refused
  cancel(reservationId: string): void
  acquire(key: string, request: LeaseRequest, now: number): Lease | Refused
  renew(leaseId: string, leaseMs: number): boolean
  release(leaseId: string): void
  stats(key: string): KeyStats
  sweep(now: number): number
}
