import { Chain } from './Chain.ts'
import { hasWork } from './hasWork.ts'
import type { StoreEntry } from './StoreEntry.ts'

const none = [] as const

/**
 * The memory store's keys, never more than a bound. Per length of life there is one chain in order of last use, so
 * that whoever is idle for too long is found at its head: forgetting costs constant time per key, and no timer.
 */
export class KeyShelf {
  readonly #entries = new Map<string, StoreEntry>()
  readonly #chains = new Map<number, Chain<StoreEntry>>()
  readonly #maxKeys: number

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): StoreEntry | undefined {
    return this.#entries.get(key)
  }

  /**
   * The entry of a key, made if need be.
   *
   * @param life milliseconds that it is remembered when idle; undefined: as before
   * @param now epoch milliseconds
   * @returns undefined when there are as many keys as there may be, and all have work
   */
  open(key: string, life: number | undefined, now: number): StoreEntry | undefined {
    const known = this.#entries.get(key)
    if (known) {
      this.#touch(known, life ?? known.life, now)
      return known
    }
    this.sweep(now)
    if (this.#entries.size >= this.#maxKeys && !this.#evict(now)) return undefined
    const entry: StoreEntry = {
      key,
      life: life ?? 300_000,
      touchedAt: now,
      usedUntil: 0,
      booked: none,
      leases: none,
      before: null,
      after: null,
    }
    this.#entries.set(key, entry)
    this.#chain(entry.life).insert(entry, null)
    return entry
  }

  /** Forgets keys that are idle for as long as they are remembered, and whose quota is whole again. */
  sweep(now: number): void {
    for (const [life, chain] of this.#chains) {
      for (let head = chain.head; head && head.touchedAt + life <= now; head = chain.head) {
        if (head.usedUntil > now || hasWork(head, now)) this.#touch(head, life, now)
        else this.#forget(head)
      }
    }
  }

  /** Forgets the least recently used key without work. */
  #evict(now: number): boolean {
    for (let tries = this.#entries.size; tries > 0; tries--) {
      let oldest: StoreEntry | null = null
      for (const { head } of this.#chains.values()) {
        if (head && (!oldest || head.touchedAt < oldest.touchedAt)) oldest = head
      }
      if (!oldest) return false
      if (!hasWork(oldest, now)) {
        this.#forget(oldest)
        return true
      }
      this.#touch(oldest, oldest.life, now)
    }
    return false
  }

  #touch(entry: StoreEntry, life: number, now: number): void {
    entry.touchedAt = now
    if (life === entry.life) return this.#chain(life).moveToEnd(entry)
    this.#chain(entry.life).remove(entry)
    entry.life = life
    this.#chain(life).insert(entry, null)
  }

  #forget(entry: StoreEntry): void {
    this.#entries.delete(entry.key)
    this.#chain(entry.life).remove(entry)
  }

  #chain(life: number): Chain<StoreEntry> {
    const known = this.#chains.get(life)
    if (known) return known
    const chain = new Chain<StoreEntry>()
    this.#chains.set(life, chain)
    return chain
  }
}
