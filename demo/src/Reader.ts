import type { Manifest } from './Manifest.ts'
import type { Answer } from './models/Answer.ts'
import { RecogniserClient } from './ocr/RecogniserClient.ts'
import { Sketchpad } from './pad/Sketchpad.ts'
import { Reading } from './panels/Reading.ts'
import { element } from './panels/element.ts'
import type { Status } from './panels/Status.ts'

/** Reading starts after this pause since the last stroke or key. */
const PAUSE_MS = 500

/** The paper, the recogniser and the answer. It reads automatically when the user pauses. */
export class Reader {
  readonly #pad: Sketchpad = new Sketchpad(element('canvas', HTMLCanvasElement))
  readonly #words: HTMLInputElement = element('words', HTMLInputElement)
  readonly #read: HTMLButtonElement = element('read', HTMLButtonElement)
  readonly #reading: Reading = new Reading()
  readonly #status: Status
  readonly #fault: (message: string) => void
  #recogniser: RecogniserClient | undefined
  #pause: ReturnType<typeof setTimeout> | undefined
  #latest = 0

  /** @param fault called when something could not be loaded or read */
  constructor(status: Status, fault: (message: string) => void) {
    this.#status = status
    this.#fault = fault
    this.#pad.write(this.#words.value)
    this.#words.addEventListener('input', () => this.#pad.write(this.#words.value))
    this.#pad.addEventListener('change', () => this.#changed())
    element('clear', HTMLElement).addEventListener('click', () => {
      this.#words.value = ''
      this.#pad.write('')
    })
    this.#words.form?.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#readNow()
    })
  }

  /**
   * Loads the recogniser. Its worker starts only here, so that the page's service worker, if there is one, also
   * answers the worker's fetches.
   */
  async load({ files, runtime }: Manifest): Promise<Answer[]> {
    this.#status.set('loading')
    const model = files.find(({ role }) => role === 'reader')?.url
    const dictionary = files.find(({ role }) => role === 'dictionary')?.url
    if (model === undefined || dictionary === undefined) {
      throw new Error('/demo.json names no model or no dictionary.')
    }
    const recogniser = new RecogniserClient()
    try {
      const answers = await recogniser.load({ model, dictionary, runtime })
      this.#recogniser = recogniser
      this.#read.disabled = false
      this.#status.set('ready')
      this.#readNow()
      return answers
    } catch (error) {
      this.#failed(error)
      return []
    }
  }

  #changed(): void {
    this.#reading.outdate()
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => this.#readNow(), PAUSE_MS)
  }

  #readNow(): void {
    clearTimeout(this.#pause)
    this.#readOnce().catch((error: unknown) => this.#failed(error))
  }

  async #readOnce(): Promise<void> {
    const recogniser = this.#recogniser
    if (recogniser === undefined) return
    const turn = (this.#latest += 1)
    this.#status.set('reading')
    const { lines, tookMs } = await recogniser.read(await this.#pad.picture())
    // The user may have written more meanwhile: only the latest result is shown.
    if (turn !== this.#latest) return
    this.#reading.show(lines, tookMs)
    this.#status.set('ready')
  }

  #failed(error: unknown): void {
    this.#status.set('failed')
    this.#fault(error instanceof Error ? error.message : String(error))
  }
}
