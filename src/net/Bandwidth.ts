import { Average } from './Average.ts'

/**
 * How fast bytes have been coming, for guesses of how long a request will take. Two averages, one that
 * follows within seconds and one that remembers longer; the smaller counts, so that a drop is believed at
 * once and a burst only when it lasts.
 */
export class Bandwidth {
  readonly #fast: Average
  readonly #slow: Average

  /**
   * @param fastMs half-life of the quick average, milliseconds
   * @param slowMs half-life of the slow one, milliseconds
   */
  constructor(fastMs: number = 3_000, slowMs: number = 15_000) {
    this.#fast = new Average(fastMs)
    this.#slow = new Average(slowMs)
  }

  /**
   * @param bytes that arrived
   * @param ms in this time, over all connections; samples without time or bytes tell nothing
   */
  add(bytes: number, ms: number): void {
    if (!(bytes > 0 && ms > 0)) return
    const bytesPerSecond = (bytes * 1000) / ms
    this.#fast.add(bytesPerSecond, ms)
    this.#slow.add(bytesPerSecond, ms)
  }

  /** Bytes per second; null before the first sample. */
  get bytesPerSecond(): number | null {
    const fast = this.#fast.value
    const slow = this.#slow.value
    return fast === null || slow === null ? null : Math.min(fast, slow)
  }
}
