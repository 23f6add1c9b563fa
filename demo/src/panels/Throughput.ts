/** Width of one step of the curve. */
const STEP_MS = 200
/** Bytes come in bursts, one a piece: each point of the curve tells of this many steps, one second. */
const SECOND = 1000 / STEP_MS
/** How much of the past is kept, in steps. */
const STEPS = 100

/** How many bytes came in each step of time, of all files together. */
export class Throughput {
  readonly #fetched = new Map<string, number>()
  readonly #steps = new Map<number, number>()
  #newest = 0

  /**
   * Takes in how much of a file has come in this load. A figure below the last one begins a new load;
   * the first one counts too, because small files have but one.
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
   * The bytes of the second that ends with each step, oldest first, up to the newest step anything was
   * heard of.
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
