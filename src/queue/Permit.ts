import type { LimitStore } from './LimitStore.ts'

/** A start that was handed out for somebody of a key. Those of equal cost are interchangeable within the key. */
export interface Permit {
  readonly granted: true
  readonly id: string
  /** Where it was had, and can be given back; null: nowhere, the store was down and the queue is open. */
  readonly home: LimitStore | null
  /** Epoch milliseconds. */
  readonly start: number
  readonly cost: number
  /** See {@link Reserved}; undefined: unknown. */
  readonly usedUntil: number | undefined
}
