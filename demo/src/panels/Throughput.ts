/** Width of one step of the curve. */
const STEP_MS = 200
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

  /** Bytes a second for each step, oldest first, up to the newest one anything was heard of. */
  series(): number[] {
    return Array.from({ length: STEPS }, (_, index) => {
      const bytes = this.#steps.get(this.#newest - STEPS + 1 + index) ?? 0
      return (bytes * 1000) / STEP_MS
    })
  }
}
