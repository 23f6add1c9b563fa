/** Width of one step of the curve. */
const STEP_MS = 200
/** Bytes arrive in bursts, one per piece. So each point of the curve sums this many steps: one second. */
const SECOND = 1000 / STEP_MS
/** Number of steps that are kept. */
const STEPS = 100

/** The bytes that arrived in each step of time, for all files together. */
export class Throughput {
  readonly #fetched = new Map<string, number>()
  readonly #steps = new Map<number, number>()
  #newest = 0

  /**
   * Records how much of a file has arrived in this load. A smaller value than the last one begins a new load. The
   * first value counts too, because small files have only one.
   *
   * @param now milliseconds on any clock, the same one each time
   */
  add(file: string, fetched: number, now: number): void {
    const before = this.#fetched.get(file) ?? 0
    const grown = fetched < before ? fetched : fetched - before
    this.#fetched.set(file, fetched)
    this.#newest = Math.floor(now / STEP_MS)
    this.#steps.set(this.#newest, (this.#steps.get(this.#newest) ?? 0) + grown)
    for (const step of this.#steps.keys()) {
      if (step <= this.#newest - STEPS) this.#steps.delete(step)
    }
  }

  /**
   * The bytes of the second that ends with each step, oldest first, up to the newest step with a report.
   */
  series(): number[] {
    const first = this.#newest - STEPS + 1
    return Array.from({ length: STEPS }, (_, index) => {
      let bytes = 0
      for (let back = 0; back < SECOND; back += 1) {
        bytes += this.#steps.get(first + index - back) ?? 0
      }
      return bytes
    })
  }
}
