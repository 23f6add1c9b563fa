import type { LimitStore } from './LimitStore.ts'

/** A lease, and where it was had; null: nowhere, the store was down and the queue is open. */
export interface Held {
  readonly granted: true
  readonly id: string
  readonly home: LimitStore | null
}
