import type { QueueState } from './QueueState.ts'
import type { RefusalWhy } from './RefusalWhy.ts'

interface Step {
  readonly key: string
  /** Milliseconds since the ticket came. */
  readonly waitMs: number
  /** Of the key, after the step. */
  readonly state: QueueState
}

/**
 * A step of a ticket: `enter` it may wait or start, `start` it was given its slot, `reject` it was refused, `abort`
 * its owner gave up before the start. Every ticket ends in exactly one of the last three.
 */
export type QueueEvent =
  | (Step & { readonly type: 'enter' | 'start' | 'abort' })
  | (Step & { readonly type: 'reject'; readonly why: RefusalWhy; readonly retryAfterMs: number })
