import { Chain } from './Chain.ts'
import { chooseLane } from './chooseLane.ts'
import type { Lane } from './chooseLane.ts'
import type { KeyRecord } from './KeyRecord.ts'

/**
 * Keys with somebody who could run, in weighted round robin: a key starts as many as its weight, then it is the next
 * key's turn. Between two turns of a key others therefore start at most as many as all their weights together.
 */
export class Turns {
  readonly #lanes = { express: new Chain<KeyRecord>(), turns: new Chain<KeyRecord>() }
  #streak = 0

  /** Where a key waits from now on; null: it does not. A key that stays in its lane keeps its place. */
  seat(record: KeyRecord, lane: Lane | null): void {
    if (record.lane === lane) return
    if (record.lane) this.#lanes[record.lane].remove(record)
    record.lane = lane
    if (!lane) return
    record.turnsLeft = weightOf(record)
    this.#lanes[lane].insert(record, null)
  }

  /** Whose turn it is; it has started one more then. */
  take(): KeyRecord | null {
    const { express, turns } = this.#lanes
    const weight = express.head ? weightOf(express.head) : 0
    const lane = chooseLane(express.size > 0, turns.size > 0, this.#streak, weight)
    const record = lane && this.#lanes[lane].head
    if (!record) return null
    this.#streak = lane === 'express' && turns.size > 0 ? this.#streak + 1 : 0
    record.turnsLeft -= 1
    if (record.turnsLeft <= 0) {
      record.turnsLeft += weightOf(record)
      this.#lanes[lane].moveToEnd(record)
    }
    return record
  }
}

function weightOf({ ready }: KeyRecord): number {
  return ready.head?.ticket.limits.weight ?? 1
}
