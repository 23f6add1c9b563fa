import type { LimitStore } from './LimitStore.ts'

/** A fresh, empty store and the clock it lives by. */
export interface LimitStoreSubject {
  readonly store: LimitStore
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Lets time pass for the store; a store with a clock of its own has to wait. Never more than ten minutes at once. */
  readonly pass: (ms: number) => void | Promise<void>
  /** Makes the next call fail. Left out: the case that needs it passes untried. */
  readonly breakNext?: () => void
}
