import type { Clip } from '../ear/Clip.ts'
import { decodeClip } from '../ear/decodeClip.ts'
import { explainMicrophone } from '../ear/explainMicrophone.ts'
import { makeClip } from '../ear/makeClip.ts'
import { recordSound } from '../ear/recordSound.ts'
import { element } from './element.ts'

/** Lets the user choose a clip: the demo's own, a file, or the microphone. */
export class ClipChoice {
  readonly #onClip: (clip: Clip) => void
  readonly #onFault: (message: string) => void
  readonly #record: HTMLButtonElement = element('record', HTMLButtonElement)
  #stop: AbortController | undefined

  /**
   * @param onClip called with each clip that was chosen
   * @param onFault called with a message when something could not be opened or recorded
   */
  constructor(onClip: (clip: Clip) => void, onFault: (message: string) => void) {
    this.#onClip = onClip
    this.#onFault = onFault
    element('builtin', HTMLElement).addEventListener('click', () => this.takeBuiltIn())
    const input = element('recording', HTMLInputElement)
    element('open', HTMLElement).addEventListener('click', () => input.click())
    input.addEventListener('change', () => {
      const [file] = input.files ?? []
      if (file !== undefined) this.#open(file, file.name)
      // So that choosing the same file again fires another change event.
      input.value = ''
    })
    // Insecure pages have no access to a microphone.
    this.#record.hidden = navigator.mediaDevices === undefined
    this.#record.addEventListener('click', () => {
      if (this.#stop === undefined) this.#startRecording()
      else this.#stop.abort()
    })
  }

  takeBuiltIn(): void {
    this.#onClip(makeClip())
  }

  #startRecording(): void {
    const stop = (this.#stop = new AbortController())
    this.#record.disabled = true
    recordSound(stop.signal, () => this.#say('Stop recording'))
      .then(
        (sound) => this.#open(sound, 'Recording'),
        (error: unknown) => this.#onFault(explainMicrophone(error)),
      )
      .finally(() => {
        this.#stop = undefined
        this.#say('Record')
      })
  }

  #say(words: string): void {
    this.#record.disabled = false
    this.#record.textContent = words
  }

  #open(sound: Blob, title: string): void {
    decodeClip(sound, title).then(this.#onClip, (error: unknown) =>
      this.#onFault(error instanceof Error ? error.message : String(error)),
    )
  }
}
