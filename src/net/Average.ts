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
