import { FerryError } from '../core/FerryError.ts'
import type { QueueState } from './QueueState.ts'
import type { RefusalWhy } from './RefusalWhy.ts'

/** The queue has no room; nothing was run. */
export class QueueRefusal extends FerryError {
  /** Told apart from other errors of ours as classes usually are, not by the name that they share. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value)
  }

  readonly why: RefusalWhy
  /** Milliseconds after which it is worth asking again. */
  readonly retryAfterMs: number
  readonly state: QueueState

  /**
   * @param why see {@link RefusalWhy}
   * @param retryAfterMs milliseconds after which there may be room
   * @param state of the key, when it was refused
   */
  constructor(why: RefusalWhy, retryAfterMs: number, state: QueueState) {
    const mine = why === 'waiting' || why === 'wait'
    const seconds = Math.ceil(retryAfterMs / 1000)
    super('busy', `${messages[why]} Try again in ${seconds} s.`, {
      retryable: true,
      status: mine ? 429 : 503,
    })
    this.why = why
    this.retryAfterMs = retryAfterMs
    this.state = state
  }
}

const messages: Readonly<Record<RefusalWhy, string>> = {
  waiting: 'Too many of your requests are waiting.',
  wait: 'Your turn would come too late.',
  total: 'Too many requests are waiting.',
  keys: 'Too many clients are being served.',
  store: 'The queue cannot be reached.',
  closed: 'The queue is closed.',
}
