import { encodeWav } from '../ear/encodeWav.ts'
import { sampleRate } from '../ear/sampleRate.ts'
import { element } from './element.ts'

/** Plays a clip. The slider over the curve is where it is, and where the visitor wants it to be. */
export class Player {
  readonly #audio: HTMLAudioElement = new Audio()
  readonly #play: HTMLButtonElement = element('play', HTMLButtonElement)
  readonly #position: HTMLInputElement = element('position', HTMLInputElement)
  readonly #onMove: (seconds: number) => void
  #seconds = 0

  /**
   * @param onMove told where the clip is, in seconds
   * @param onFault told why nothing is heard
   */
  constructor(onMove: (seconds: number) => void, onFault: (message: string) => void) {
    this.#onMove = onMove
    this.#play.addEventListener('click', () => {
      if (!this.#audio.paused) this.#audio.pause()
      else {
        this.#audio.play().catch((error: unknown) => {
          if (!(error instanceof DOMException && error.name === 'AbortError')) {
            onFault(`The clip cannot be played: ${String(error)}. Its curve is right all the same.`)
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
    // A few times a second: all that who wants less motion gets to see.
    this.#audio.addEventListener('timeupdate', () => this.#moved(this.#audio.currentTime))
  }

  /** Puts a clip in, at its beginning. */
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
