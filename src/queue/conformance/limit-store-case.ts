import type { LimitStore } from '../limit-store.ts'

/** One requirement of a limit store. */
export interface LimitStoreCase {
  readonly title: string
  /** @throws Error with the expected and the actual value; errors of the store */
  readonly run: (subject: LimitStoreSubject) => Promise<void>
}

/** A new, empty store and its clock. */
export interface LimitStoreSubject {
  readonly store: LimitStore
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Lets time pass for the store; a store with its own clock has to wait. At most ten minutes per call. */
  readonly pass: (ms: number) => void | Promise<void>
  /** Makes the next call fail. When it is left out, the case that needs it is not run. */
  readonly breakNext?: () => void
}

/** @throws Error with both values when they differ */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  const [came, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (came !== wanted) throw new Error(`${what}: expected ${wanted}, but it is ${came}.`)
}
