import { Bandwidth } from '../net/Bandwidth.ts'

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
