import { createQueue } from '../fair-queue.ts'
import type { KeyLimits } from '../queue.ts'
import type { Queue } from '../queue.ts'
import type { QueueEvent } from '../queue.ts'
import type { QueueOptions } from '../options.ts'
import type { Slot } from '../queue.ts'
import type { Ticket } from '../queue.ts'
import { manualClock } from './manualClock.ts'
import type { ManualClock } from './manualClock.ts'

/** A ticket in a test queue, with its outcome. */
export interface TestClient {
  readonly name: string
  /** Concurrency of its ticket. */
  readonly cap: number
  readonly entered: Promise<Slot>
  /** Set when it got its slot. */
  slot: Slot | undefined
  /** Set when it was refused or cancelled. */
  error: unknown
  /** Milliseconds after the clock began. */
  startedAt: number | undefined
}

/** A queue with a manual clock and a record of its tickets. */
export interface TestQueue {
  readonly queue: Queue
  readonly clock: ManualClock
  readonly events: QueueEvent[]
  readonly clients: TestClient[]
  readonly arrive: (
    key: string,
    limits: KeyLimits,
    more?: Partial<Ticket> & { readonly signal?: AbortSignal },
  ) => TestClient
  /** Names of the tickets that got a slot, in this order. */
  readonly started: string[]
}

/** @param options of the queue; its clock is the manual one */
export function testQueue(options: QueueOptions = {}): TestQueue {
  const clock = options.clock ? (options.clock as ManualClock) : manualClock()
  const begin = clock.now()
  const events: QueueEvent[] = []
  const clients: TestClient[] = []
  const started: string[] = []
  const queue = createQueue({ onEvent: (event) => events.push(event), ...options, clock })
  const arrive: TestQueue['arrive'] = (key, limits, { signal, ...ticket } = {}) => {
    const entered = queue.enter({ key, limits, ...ticket }, signal)
    const name = `${key}${clients.length}`
    const client: TestClient = {
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
        client.slot = slot
        client.startedAt = clock.now() - begin
        return slot
      },
      (error: unknown) => {
        client.error = error
      },
    )
    clients.push(client)
    return client
  }
  return { queue, clock, events, clients, arrive, started }
}
