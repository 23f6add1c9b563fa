/** Says when bytes may pass on a line of a certain speed and length. Times are milliseconds of one clock. */
export class Pacer {
  readonly #bytesPerSecond: number
  readonly #delayMs: number
  #freeAt = 0

  constructor(bytesPerSecond: number, delayMs: number) {
    this.#bytesPerSecond = bytesPerSecond
    this.#delayMs = delayMs
  }

  /**
   * @param bytes that come in now; they follow those before them
   * @returns when the last of them comes out
   */
  pass(bytes: number, now: number): number {
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes * 1000) / this.#bytesPerSecond
    return this.#freeAt + this.#delayMs
  }
}
