import type { LimitStore } from './limit-store.ts'

/** One thing that a limit store has to do. */
export interface LimitStoreCase {
  readonly title: string
  /** @throws Error saying what was expected and what came; what the store throws */
  readonly run: (subject: LimitStoreSubject) => Promise<void>
}

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

/**
 * How a task ended, for whoever scales: `overload` means that what it needed was overloaded (429, 503, 504, or no
 * answer in time); `client-error` and `cancelled` say nothing about load.
 */
export type Outcome = 'ok' | 'client-error' | 'overload' | 'cancelled'

/** @throws Error when two plain values differ, saying in what */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  const [came, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (came !== wanted) throw new Error(`${what}: expected ${wanted}, but it is ${came}.`)
}
