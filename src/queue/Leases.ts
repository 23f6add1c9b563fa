import { FerryError } from '../core/FerryError.ts'
import { alarm } from './alarm.ts'
import type { HeldSlot } from './HeldSlot.ts'
import type { QueueSettings } from './QueueSettings.ts'
import type { StoreGuard } from './StoreGuard.ts'
import { whenSettled } from './whenSettled.ts'

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
