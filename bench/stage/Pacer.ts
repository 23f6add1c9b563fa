/** Computes when bytes arrive over a connection with a given bandwidth and latency. Times are milliseconds of one clock. */
export class Pacer {
  readonly #bytesPerSecond: number
  readonly #delayMs: number
  #freeAt = 0

  constructor(bytesPerSecond: number, delayMs: number) {
    this.#bytesPerSecond = bytesPerSecond
    this.#delayMs = delayMs
  }

  /**
   * @param bytes that are sent now, after all earlier ones
   * @returns when the last of them arrives
   */
  pass(bytes: number, now: number): number {
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes * 1000) / this.#bytesPerSecond
    return this.#freeAt + this.#delayMs
  }
}
