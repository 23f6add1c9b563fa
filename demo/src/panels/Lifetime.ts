import { element } from './element.ts'
import { formatCountdown } from './formatCountdown.ts'

/** The remaining lifetime of the presigned URLs in use. */
export class Lifetime {
  readonly #figure: HTMLElement = element('lifetime', HTMLElement)
  readonly #note: HTMLElement = element('lifetime-note', HTMLElement)
  readonly #bar: HTMLElement = element('lifetime-bar', HTMLElement)
  #wholeMs = 1
  #deadline: number | undefined
  #revoked = false

  /** @param wholeMs lifetime of a new URL, milliseconds */
  start(wholeMs: number): void {
    this.#wholeMs = wholeMs
    setInterval(() => this.#show(), 250)
    this.#show()
  }

  /** @param deadline epoch milliseconds at which the URLs expire */
  set(deadline: number): void {
    if (deadline === this.#deadline) return
    this.#deadline = deadline
    this.#revoked = false
    this.#show()
  }

  /** The storage now refuses all of them before their own deadline. */
  revoke(): void {
    this.#revoked = true
    this.#show()
  }

  #show(): void {
    const left = Math.min((this.#deadline ?? 0) - Date.now(), this.#wholeMs)
    const none = this.#deadline === undefined
    const over = this.#revoked || left <= 0
    this.#figure.textContent = none ? 'none' : over ? '0:00' : formatCountdown(left)
    this.#note.textContent = none
      ? 'in hand: nothing was fetched since this page opened'
      : this.#revoked
        ? 'revoked; renewed when next used'
        : over
          ? 'run out; renewed when next used'
          : 'left of their lifetime'
    const share = none || over ? 0 : Math.min(1, left / this.#wholeMs)
    this.#bar.style.width = `${(share * 100).toFixed(1)}%`
  }
}
