import { sampleRate } from './sampleRate.ts'

/** A two-pole filter with unit gain at 0 Hz: one resonance of a throat (Klatt 1980, section II). */
export class Resonator {
  #a = 1
  #b = 0
  #c = 0
  #last = 0
  #beforeLast = 0

  /**
   * @param frequency of the resonance, Hz
   * @param bandwidth in Hz
   */
  tune(frequency: number, bandwidth: number): void {
    const radius = Math.exp((-Math.PI * bandwidth) / sampleRate)
    this.#c = -(radius ** 2)
    this.#b = 2 * radius * Math.cos((2 * Math.PI * frequency) / sampleRate)
    this.#a = 1 - this.#b - this.#c
  }

  next(sample: number): number {
    const out = this.#a * sample + this.#b * this.#last + this.#c * this.#beforeLast
    this.#beforeLast = this.#last
    this.#last = out
    return out
  }
}
