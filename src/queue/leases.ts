// The slots in use and their leases in the limit store, renewed by one timer.
import { alarm, FerryError } from '../core/index.ts'
import { whenSettled, type FailoverStore, type HeldLease } from './failover-store.ts'
import type { QueueSettings } from './options.ts'
import type { Caller, QueueState, Slot } from './queue.ts'
import type { KeyQueue } from './wait-queues.ts'

/** The leases of all running tickets. One timer renews them; there is none while nothing runs. */
export class Leases {
  readonly #slots = new Set<ActiveSlot>()
  readonly #settings: QueueSettings
  readonly #store: FailoverStore
  #stopAlarm: (() => void) | undefined

  constructor(settings: QueueSettings, store: FailoverStore) {
    this.#settings = settings
    this.#store = store
  }

  add(slot: ActiveSlot): void {
    this.#slots.add(slot)
    if (!this.#stopAlarm) this.#setAlarm()
  }

  remove(slot: ActiveSlot): void {
    this.#slots.delete(slot)
    this.#store.release(slot.lease)
    if (this.#slots.size > 0) return
    this.#stopAlarm?.()
    this.#stopAlarm = undefined
  }

  #setAlarm(): void {
    const { clock, leaseMs } = this.#settings
    this.#stopAlarm = alarm(clock, leaseMs / 3, () => {
      this.#setAlarm()
      for (const slot of this.#slots) this.#renew(slot)
    })
  }

  /** After a failure of the store, renewal is retried at the next third. A lease is lost when the store says so or it has expired. */
  #renew(slot: ActiveSlot): void {
    const { clock, leaseMs } = this.#settings
    void whenSettled(this.#store.renew(slot.lease), (renewed) => {
      const now = clock.now()
      if (renewed === true) slot.expiresAt = now + leaseMs
      else if (renewed === false || slot.expiresAt <= now) slot.lose(lost())
    })
  }
}

/** A slot in use. Its signal is made on demand: most work ends without reading it. */
export class ActiveSlot implements Slot {
  readonly waitMs: number
  readonly state: QueueState
  readonly queue: KeyQueue
  readonly lease: HeldLease
  readonly pool: string | undefined
  /** Epoch milliseconds at which the lease ends unless it is renewed. */
  expiresAt: number
  readonly #caller: Caller | undefined
  readonly #onRelease: (slot: ActiveSlot) => void
  #controller: AbortController | undefined
  #stopFollowing: (() => void) | undefined
  #abortReason: unknown
  #released = false

  constructor(
    {
      waitMs,
      state,
      queue,
      lease,
      pool,
      expiresAt,
    }: Pick<ActiveSlot, 'waitMs' | 'state' | 'queue' | 'lease' | 'pool' | 'expiresAt'>,
    caller: Caller | undefined,
    onRelease: (slot: ActiveSlot) => void,
  ) {
    this.waitMs = waitMs
    this.state = state
    this.queue = queue
    this.lease = lease
    this.pool = pool
    this.expiresAt = expiresAt
    this.#caller = caller
    this.#onRelease = onRelease
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    const caller = typeof this.#caller === 'function' ? this.#caller() : this.#caller
    if (this.#abortReason !== undefined) controller.abort(this.#abortReason)
    else if (caller?.aborted) controller.abort(caller.reason)
    else if (caller && !this.#released) {
      const follow = (): void => controller.abort(caller.reason)
      caller.addEventListener('abort', follow, { once: true })
      this.#stopFollowing = () => caller.removeEventListener('abort', follow)
    }
    return controller.signal
  }

  /** Aborts the signal. The slot stays in use until it is released. */
  lose(reason: unknown): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#stopFollowing?.()
    this.#onRelease(this)
  }

  abort(reason: unknown = new DOMException('The slot was aborted.', 'AbortError')): void {
    if (this.#released) return
    this.lose(reason)
    this.release()
  }
}

function lost(): FerryError {
  return new FerryError(
    'busy',
    'The slot was lost: its lease could not be renewed, and another request may use it now. Try again.',
    { retryable: true },
  )
}
