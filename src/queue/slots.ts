import { alarm, FerryError } from '../core/index.ts'
import { whenSettled, type StoreGuard } from './store-guard.ts'
import type { Held, KeyRecord } from './key-state.ts'
import type { Caller, QueueState, Slot, QueueSettings } from './types.ts'

/** A slot that was given. Its signal is made when somebody asks for it: work that ends at once never does. */
export class HeldSlot implements Slot {
  readonly waitMs: number
  readonly state: QueueState
  readonly record: KeyRecord
  readonly lease: Held
  readonly pool: string | undefined
  /** Epoch milliseconds at which the lease ends unless it is renewed. */
  expiresAt: number
  readonly #caller: Caller | undefined
  readonly #free: (slot: HeldSlot) => void
  #controller: AbortController | undefined
  #stopFollowing: (() => void) | undefined
  #lost: unknown
  #released = false

  constructor(
    given: Pick<HeldSlot, 'waitMs' | 'state' | 'record' | 'lease' | 'pool' | 'expiresAt'>,
    caller: Caller | undefined,
    free: (slot: HeldSlot) => void,
  ) {
    this.waitMs = given.waitMs
    this.state = given.state
    this.record = given.record
    this.lease = given.lease
    this.pool = given.pool
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
  lose(reason: unknown): void {
    this.#lost = reason
    this.#controller?.abort(reason)
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#stopFollowing?.()
    this.#free(this)
  }

  abort(reason: unknown = new DOMException('The slot was aborted.', 'AbortError')): void {
    if (this.#released) return
    this.lose(reason)
    this.release()
  }
}

/** The slots that are out, and the one timer that renews their leases; there is none while nobody runs. */
export class Leases {
  readonly #slots = new Set<HeldSlot>()
  readonly #settings: QueueSettings
  readonly #guard: StoreGuard
  #stop: (() => void) | undefined

  constructor(settings: QueueSettings, guard: StoreGuard) {
    this.#settings = settings
    this.#guard = guard
  }

  add(slot: HeldSlot): void {
    this.#slots.add(slot)
    if (!this.#stop) this.#arm()
  }

  remove(slot: HeldSlot): void {
    this.#slots.delete(slot)
    this.#guard.release(slot.lease)
    if (this.#slots.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  #arm(): void {
    const { clock, leaseMs } = this.#settings
    this.#stop = alarm(clock, leaseMs / 3, () => {
      this.#arm()
      for (const slot of this.#slots) this.#renew(slot)
    })
  }

  /** A store that fails is asked again at the next third: the lease is lost when it says so, or has expired. */
  #renew(slot: HeldSlot): void {
    const { clock, leaseMs } = this.#settings
    void whenSettled(this.#guard.renew(slot.lease), (kept) => {
      const now = clock.now()
      if (kept === true) slot.expiresAt = now + leaseMs
      else if (kept === false || slot.expiresAt <= now) slot.lose(lost())
    })
  }
}

function lost(): FerryError {
  return new FerryError(
    'busy',
    'The slot was lost: its lease could not be renewed, and somebody else may run in its place. Ask again.',
    { retryable: true },
  )
}
