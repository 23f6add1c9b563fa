/** Average that forgets: what is one half-life old weighs half. */
export class Average {
  readonly #halfLife: number
  #sum = 0
  #weight = 0

  constructor(halfLife: number) {
    this.#halfLife = halfLife
  }

  /** @param weight in units of the half-life: how long the value lasted */
  add(value: number, weight: number): void {
    const keep = 0.5 ** (weight / this.#halfLife)
    this.#sum = this.#sum * keep + value * (1 - keep)
    this.#weight = this.#weight * keep + (1 - keep)
  }

  /** null before the first value. Divided by the weight, or early values would be drawn to zero. */
  get value(): number | null {
    return this.#weight === 0 ? null : this.#sum / this.#weight
  }
}

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

/** Shortest stretch of time over which a speed is taken, milliseconds. */
const sampleMs = 250

/** Counts what arrives, over all connections of a transfer. */
export class TransferMeter {
  readonly #now: () => number
  readonly #bandwidth = new Bandwidth()
  #since: number
  #bytes = 0
  /** Bytes from the network so far. */
  total = 0

  constructor(now: () => number) {
    this.#now = now
    this.#since = now()
  }

  arrived(bytes: number): void {
    this.total += bytes
    this.#bytes += bytes
    const ms = this.#now() - this.#since
    if (ms < sampleMs) return
    this.#bandwidth.add(this.#bytes, ms)
    this.#bytes = 0
    this.#since += ms
  }

  get bytesPerSecond(): number {
    return Math.round(this.#bandwidth.bytesPerSecond ?? 0)
  }
}
