/** Exponentially weighted average: a value that is one half-life old has half the weight. */
class Average {
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
 * Estimates the bandwidth, for predictions of the duration of a request. There are two averages, one that follows
 * within seconds and a slower one. The smaller counts, so that a drop applies at once and a burst only when it lasts.
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
   * @param ms in this time, over all connections; samples without time or bytes are ignored
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

/** Shortest measured interval, milliseconds. */
const sampleMs = 250

/** Counts received bytes, over all connections of a transfer. */
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
