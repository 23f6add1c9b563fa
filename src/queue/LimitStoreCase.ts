import type { LimitStoreSubject } from './LimitStoreSubject.ts'

/** One thing that a limit store has to do. */
export interface LimitStoreCase {
  readonly title: string
  /** @throws Error saying what was expected and what came; what the store throws */
  readonly run: (subject: LimitStoreSubject) => Promise<void>
}
