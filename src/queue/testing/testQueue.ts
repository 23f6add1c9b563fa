import { createQueue } from '../fair-queue.ts'
import type { KeyLimits } from '../queue.ts'
import type { Queue } from '../queue.ts'
import type { QueueEvent } from '../queue.ts'
import type { QueueOptions } from '../options.ts'
import type { Slot } from '../queue.ts'
import type { Ticket } from '../queue.ts'
import { manualClock } from './manualClock.ts'
import type { ManualClock } from './manualClock.ts'

/** Somebody who came to a queue. */
export interface Guest {
  readonly name: string
  /** Concurrency of its ticket. */
  readonly cap: number
  readonly entered: Promise<Slot>
  /** As soon as there is one. */
  slot: Slot | undefined
  /** As soon as there is one. */
  error: unknown
  /** Milliseconds after the clock began. */
  startedAt: number | undefined
}

/** A queue with a clock that can be set, and a guest book. */
export interface TestQueue {
  readonly queue: Queue
  readonly clock: ManualClock
  readonly events: QueueEvent[]
  readonly guests: Guest[]
  readonly come: (
    key: string,
    limits: KeyLimits,
    more?: Partial<Ticket> & { readonly signal?: AbortSignal },
  ) => Guest
  /** Names of those who were given a slot, in this order. */
  readonly started: string[]
}

/** @param options of the queue; its clock is the manual one */
export function testQueue(options: QueueOptions = {}): TestQueue {
  const clock = options.clock ? (options.clock as ManualClock) : manualClock()
  const begin = clock.now()
  const events: QueueEvent[] = []
  const guests: Guest[] = []
  const started: string[] = []
  const queue = createQueue({ onEvent: (event) => events.push(event), ...options, clock })
  const come: TestQueue['come'] = (key, limits, { signal, ...ticket } = {}) => {
    const entered = queue.enter({ key, limits, ...ticket }, signal)
    const name = `${key}${guests.length}`
    const guest: Guest = {
      name,
      cap: limits.concurrency,
      entered,
      slot: undefined,
      error: undefined,
      startedAt: undefined,
    }
    entered.then(
      (slot) => {
        started.push(name)
        guest.slot = slot
        guest.startedAt = clock.now() - begin
        return slot
      },
      (error: unknown) => {
        guest.error = error
      },
    )
    guests.push(guest)
    return guest
  }
  return { queue, clock, events, guests, come, started }
}
