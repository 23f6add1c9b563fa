import type { Caller } from './Caller.ts'
import type { Denied } from './Denied.ts'
import type { Linked } from './Linked.ts'
import type { Permit } from './Permit.ts'
import type { Rank } from './ranksBefore.ts'
import type { Slot } from './Slot.ts'
import type { Ticket } from './Ticket.ts'

/**
 * Where a waiter stands: `outside` in no line, `asking` the store for a start, `pending` until a start comes, `ready` for a place,
 * `leasing` a place from the store, `done`.
 */
type Phase = 'outside' | 'asking' | 'pending' | 'ready' | 'leasing' | 'done'

/** A ticket on its way to a slot. */
export class Waiter implements Linked<Waiter>, Rank {
  before: Waiter | null = null
  after: Waiter | null = null
  readonly ticket: Ticket
  readonly caller: Caller | undefined
  readonly priority: number
  readonly cost: number
  readonly arrival: number
  /** Epoch milliseconds. */
  readonly cameAt: number
  phase: Phase = 'outside'
  /** Whether it has waited for as long as it may. */
  overdue = false
  /** Whether it was told that it is let in. */
  announced = false
  /** Whether the turns between keys are skipped. */
  express = false
  permit: Permit | null = null
  /** What the store said to the question for a start, until it is its turn to be taken in. */
  reply: Permit | Denied | undefined
  /** What was set up for the time of waiting. */
  stopAlarm: (() => void) | undefined
  stopListening: (() => void) | undefined
  #slot: Slot | undefined
  #error: unknown
  #resolve: ((slot: Slot) => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  constructor(ticket: Ticket, caller: Caller | undefined, arrival: number, cameAt: number) {
    this.ticket = ticket
    this.caller = caller
    this.priority = ticket.priority ?? 0
    this.cost = ticket.cost ?? 1
    this.arrival = arrival
    this.cameAt = cameAt
  }

  get signal(): AbortSignal | undefined {
    return typeof this.caller === 'function' ? this.caller() : this.caller
  }

  /** What the owner of the ticket waits for; made when asked for, because most are answered at once. */
  outcome(): Promise<Slot> {
    if (this.#slot) return Promise.resolve(this.#slot)
    return new Promise((resolve, reject) => {
      if (this.phase === 'done') return reject(this.#error)
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  give(slot: Slot): void {
    this.#finish()
    this.#slot = slot
    this.#resolve?.(slot)
  }

  fail(error: unknown): void {
    this.#finish()
    this.#error = error
    this.#reject?.(error)
  }

  #finish(): void {
    this.phase = 'done'
    this.stopAlarm?.()
    this.stopListening?.()
  }
}
