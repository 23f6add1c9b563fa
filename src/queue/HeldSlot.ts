import type { Caller } from './Caller.ts'
import type { Held } from './Held.ts'
import type { KeyRecord } from './KeyRecord.ts'
import type { QueueState } from './QueueState.ts'
import type { Slot } from './Slot.ts'

/** A slot that was given. Its signal is made when somebody asks for it: work that ends at once never does. */
export class HeldSlot implements Slot {
  readonly waitMs: number
  readonly state: QueueState
  readonly record: KeyRecord
  readonly lease: Held
  /** Epoch milliseconds at which the lease ends unless it is renewed. */
  expiresAt: number
  readonly #caller: Caller | undefined
  readonly #free: (slot: HeldSlot) => void
  #controller: AbortController | undefined
  #stopFollowing: (() => void) | undefined
  #lost: unknown
  #released = false

  constructor(
    given: Pick<HeldSlot, 'waitMs' | 'state' | 'record' | 'lease' | 'expiresAt'>,
    caller: Caller | undefined,
    free: (slot: HeldSlot) => void,
  ) {
    this.waitMs = given.waitMs
    this.state = given.state
    this.record = given.record
    this.lease = given.lease
    this.expiresAt = given.expiresAt
    this.#caller = caller
    this.#free = free
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    const caller = typeof this.#caller === 'function' ? this.#caller() : this.#caller
    if (this.#lost !== undefined) controller.abort(this.#lost)
    else if (caller?.aborted) controller.abort(caller.reason)
    else if (caller && !this.#released) {
      const follow = (): void => controller.abort(caller.reason)
      caller.addEventListener('abort', follow, { once: true })
      this.#stopFollowing = () => caller.removeEventListener('abort', follow)
    }
    return controller.signal
  }

  /** Tells the work that its place is no longer its own; it stays taken here until it is released. */
  lose(reason: Error): void {
    this.#lost = reason
    this.#controller?.abort(reason)
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#stopFollowing?.()
    this.#free(this)
  }
}
