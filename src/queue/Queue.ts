import type { Caller } from './Caller.ts'
import type { QueueState } from './QueueState.ts'
import type { Slot } from './Slot.ts'
import type { Ticket } from './Ticket.ts'

/** Makes people wait, fairly. */
export interface Queue {
  /**
   * Waits for a slot.
   *
   * @param caller giving up: leaves the queue at once while waiting, aborts the slot's signal while running
   * @throws QueueRefusal when there is no room; the signal's reason
   */
  enter(ticket: Ticket, caller?: Caller): Promise<Slot>
  /**
   * Runs work exactly once, or never. The slot is free when the work has settled, not when it is aborted.
   *
   * @throws QueueRefusal; the signal's reason when it aborts before the start; what the work throws
   */
  run<T>(ticket: Ticket, work: (slot: Slot) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** How a key stands, without admitting anybody. */
  state(ticket: Pick<Ticket, 'key' | 'limits' | 'bypass'>): QueueState
  /** Of all keys. */
  readonly totals: {
    readonly waiting: number
    readonly running: number
    readonly limit: number
    readonly keys: number
  }
  /** Slots of the whole queue, from now on; running work is never interrupted. */
  setLimit(limit: number): void
  /** Refuses all who wait and all who come, with 503. */
  close(): void
}
