import { Chain } from './Chain.ts'
import type { Lane } from './chooseLane.ts'
import type { Linked } from './Linked.ts'
import type { Permit } from './Permit.ts'
import type { Waiter } from './Waiter.ts'

/** What the queue keeps of a key while somebody of it waits or runs. Times are epoch milliseconds. */
export class KeyRecord implements Linked<KeyRecord> {
  before: KeyRecord | null = null
  after: KeyRecord | null = null
  readonly key: string
  /** Running, or just getting its lease. */
  running = 0
  /** In the order in which the store was asked: its answers are taken in this order. */
  readonly asking: Chain<Waiter> = new Chain()
  /** By rank; there is one permit of the same cost for each. */
  readonly pending: Chain<Waiter> = new Chain()
  /** Permits of those who are pending, by start. */
  readonly permits: Permit[] = []
  /** By rank. */
  readonly ready: Chain<Waiter> = new Chain()
  /** As the store said last; undefined: unknown. */
  usedUntil: number | undefined
  /** Until when the store is not asked for a lease, because others hold them all. */
  blockedUntil = 0
  lane: Lane | null = null
  /** Starts left of its turn. */
  turnsLeft = 0
  alarmAt: number = Infinity
  stopAlarm: (() => void) | undefined

  constructor(key: string) {
    this.key = key
  }

  get waiting(): number {
    return this.pending.size + this.ready.size
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting === 0 && this.asking.size === 0
  }
}
