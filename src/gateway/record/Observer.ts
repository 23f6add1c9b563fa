import type { Decision } from '../../auth/Decision.ts'
import type { RefusalWhy } from '../../queue/RefusalWhy.ts'
import type { Completion } from './Completion.ts'

/** Told of what happens to requests for services. Must not throw; what it throws is dropped. */
export interface Observer {
  decided?(decision: Decision): void
  /** @param waitMs milliseconds in the queue */
  started?(waitMs: number): void
  refused?(why: RefusalWhy): void
  /** Once for every request that has a decision, when the last byte of its answer has left or never will. */
  ended?(completion: Completion): void
}
