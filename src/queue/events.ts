import type { Waiter } from './key-state.ts'
import type { QueueEvent, QueueRefusal, QueueSettings, QueueState } from './types.ts'

/** Tells the queue's owner what happens to tickets; costs next to nothing when nobody listens. */
export class EventTeller {
  readonly #settings: QueueSettings

  constructor(settings: QueueSettings) {
    this.#settings = settings
  }

  /** Tells once that a waiter is let in. */
  entered(waiter: Waiter, state: () => QueueState): void {
    if (waiter.announced) return
    waiter.announced = true
    if (this.#settings.onEvent) this.#tell({ type: 'enter', ...this.#step(waiter, state()) })
  }

  started(waiter: Waiter, state: QueueState): void {
    if (this.#settings.onEvent) this.#tell({ type: 'start', ...this.#step(waiter, state) })
  }

  aborted(waiter: Waiter, state: () => QueueState): void {
    if (this.#settings.onEvent) this.#tell({ type: 'abort', ...this.#step(waiter, state()) })
  }

  refused(waiter: Waiter, { why, retryAfterMs, state }: QueueRefusal): void {
    if (!this.#settings.onEvent) return
    this.#tell({ type: 'reject', why, retryAfterMs, ...this.#step(waiter, state) })
  }

  #step({ ticket, cameAt }: Waiter, state: QueueState): Omit<QueueEvent, 'type'> {
    return { key: ticket.key, waitMs: this.#settings.clock.now() - cameAt, state }
  }

  #tell(event: QueueEvent): void {
    try {
      this.#settings.onEvent?.(event)
    } catch {
      // A listener that fails must not stop those who wait.
    }
  }
}
