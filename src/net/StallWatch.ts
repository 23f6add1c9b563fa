import type { Clock } from '../core/Clock.ts'

/**
 * Notices when something that should come does not. A timer for each of the thousands of reads of a body
 * would cost a third of the speed, so one runs at a time, and what it finds on waking decides.
 */
export class StallWatch {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #stalled: () => void
  readonly #closed = new AbortController()
  #waitingSince: number | undefined
  #watching = false

  /**
   * @param limitMs how long a wait may last, milliseconds
   * @param stalled called when one lasts longer
   */
  constructor(clock: Clock, limitMs: number, stalled: () => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#stalled = stalled
  }

  /** A wait begins. */
  begin(): void {
    this.#waitingSince = this.#clock.now()
    if (!this.#watching) this.#watch(this.#limitMs)
  }

  /** What was waited for has come. */
  end(): void {
    this.#waitingSince = undefined
  }

  /** Nothing will be waited for any more. */
  close(): void {
    this.end()
    this.#closed.abort()
  }

  #watch(ms: number): void {
    this.#watching = true
    this.#clock.sleep(ms, this.#closed.signal).then(
      () => this.#wake(),
      () => {},
    )
  }

  #wake(): void {
    this.#watching = false
    if (this.#waitingSince === undefined) return
    const left = this.#waitingSince + this.#limitMs - this.#clock.now()
    if (left > 0) this.#watch(left)
    else this.#stalled()
  }
}
