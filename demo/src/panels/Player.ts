import { encodeWav } from '../ear/encodeWav.ts'
import { sampleRate } from '../ear/sampleRate.ts'
import { element } from './element.ts'

/** Plays a clip. The slider over the curve shows and sets the position. */
export class Player {
  readonly #audio: HTMLAudioElement = new Audio()
  readonly #play: HTMLButtonElement = element('play', HTMLButtonElement)
  readonly #position: HTMLInputElement = element('position', HTMLInputElement)
  readonly #onMove: (seconds: number) => void
  #seconds = 0

  /**
   * @param onMove called with the position, in seconds
   * @param onFault called with the reason when the clip cannot be played
   */
  constructor(onMove: (seconds: number) => void, onFault: (message: string) => void) {
    this.#onMove = onMove
    this.#play.addEventListener('click', () => {
      if (!this.#audio.paused) this.#audio.pause()
      else {
        this.#audio.play().catch((error: unknown) => {
          if (!(error instanceof DOMException && error.name === 'AbortError')) {
            onFault(`The clip cannot be played: ${String(error)}. Its curve is still correct.`)
          }
        })
      }
    })
    this.#position.addEventListener('input', () => {
      this.#audio.currentTime = this.#position.valueAsNumber
      this.#moved(this.#position.valueAsNumber)
    })
    this.#audio.addEventListener('play', () => {
      this.#play.textContent = 'Pause'
      this.#follow()
    })
    for (const end of ['pause', 'ended', 'emptied']) {
      this.#audio.addEventListener(end, () => (this.#play.textContent = 'Play'))
    }
    // A few times a second: with reduced motion these are the only updates.
    this.#audio.addEventListener('timeupdate', () => this.#moved(this.#audio.currentTime))
  }

  /** Loads a clip, at its beginning. */
  load(samples: Float32Array): void {
    URL.revokeObjectURL(this.#audio.src)
    this.#audio.src = URL.createObjectURL(encodeWav(samples))
    this.#seconds = samples.length / sampleRate
    this.#position.max = String(this.#seconds)
    this.#moved(0)
  }

  #follow(): void {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const step = (): void => {
      if (this.#audio.paused) return
      this.#moved(this.#audio.currentTime)
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  #moved(to: number): void {
    const seconds = Math.min(to, this.#seconds)
    this.#position.value = String(seconds)
    this.#onMove(seconds)
  }
}
