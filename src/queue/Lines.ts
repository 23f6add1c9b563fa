import { insertPermit } from './insertPermit.ts'
import { insertRanked } from './insertRanked.ts'
import type { KeyRecord } from './KeyRecord.ts'
import type { Permit } from './Permit.ts'
import type { Waiter } from './Waiter.ts'

/** The lines of all keys: who is in one, waits. */
export class Lines {
  #waiting = 0

  get waiting(): number {
    return this.#waiting
  }

  /** Lines up for a start that comes later. */
  addPending(waiter: Waiter, record: KeyRecord, permit: Permit): void {
    waiter.phase = 'pending'
    insertRanked(record.pending, waiter)
    insertPermit(record.permits, permit)
    this.#waiting++
  }

  /** Lines up for a place. */
  addReady(waiter: Waiter, record: KeyRecord): void {
    waiter.phase = 'ready'
    insertRanked(record.ready, waiter)
    this.#waiting++
  }

  /** Takes who is first in line for a place. */
  takeReady(record: KeyRecord): Waiter | null {
    const waiter = record.ready.head
    if (waiter) this.#remove(waiter, record, 'ready')
    return waiter
  }

  /**
   * Takes out a waiter that does not want to wait any more. Those behind it move up, so that the start nobody needs is
   * the last one of the same cost: most likely the one that the store can take back.
   *
   * @returns the start that is left over; null when there is none
   */
  leave(waiter: Waiter, record: KeyRecord): Permit | null {
    if (waiter.phase === 'ready') {
      this.#remove(waiter, record, 'ready')
      return waiter.permit
    }
    this.#remove(waiter, record, 'pending')
    const last = record.permits.findLastIndex(({ cost }) => cost === waiter.cost)
    return record.permits.splice(last, 1)[0] ?? null
  }

  #remove(waiter: Waiter, record: KeyRecord, phase: 'pending' | 'ready'): void {
    record[phase].remove(waiter)
    waiter.phase = 'outside'
    this.#waiting--
  }
}
