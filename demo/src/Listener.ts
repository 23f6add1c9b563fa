import type { Clip } from './ear/Clip.ts'
import { decodeClip } from './ear/decodeClip.ts'
import { DetectorClient } from './ear/DetectorClient.ts'
import { explainMicrophone } from './ear/explainMicrophone.ts'
import { findStretches } from './ear/findStretches.ts'
import { makeClip } from './ear/makeClip.ts'
import { recordSound } from './ear/recordSound.ts'
import { sampleRate } from './ear/sampleRate.ts'
import { windowSize } from './ear/windowSize.ts'
import type { Manifest } from './Manifest.ts'
import type { Answer } from './models/Answer.ts'
import { element } from './panels/element.ts'
import { Hearing } from './panels/Hearing.ts'
import { Player } from './panels/Player.ts'
import { SpeechGraph } from './panels/SpeechGraph.ts'

/** The clip, the voice detector and its curve. It listens by itself to every clip it is given. */
export class Listener {
  readonly #hearing: Hearing = new Hearing()
  readonly #graph: SpeechGraph = new SpeechGraph(element('curve', HTMLCanvasElement))
  readonly #at: HTMLElement = element('at', HTMLElement)
  readonly #position: HTMLInputElement = element('position', HTMLInputElement)
  readonly #player: Player
  readonly #report: (message: string) => void
  #detector: DetectorClient | undefined
  #clip: Clip = makeClip()
  #heard: number[] = []
  #seconds = 0
  #turn = 0

  /** @param report told, for the log, what could not be loaded, opened or recorded */
  constructor(report: (message: string) => void) {
    this.#report = report
    this.#player = new Player(
      (seconds) => this.#moved(seconds),
      (message) => this.#fault(message),
    )
    this.#hearing.set('waiting')
    element('builtin', HTMLElement).addEventListener('click', () => this.#take(makeClip()))
    this.#offerFiles()
    this.#offerMicrophone(element('record', HTMLButtonElement))
    this.#take(this.#clip)
  }

  /**
   * Loads the voice detector. Its worker starts here and not earlier, so that the service worker, if
   * the page has one, answers the worker's fetches too.
   */
  async load({ files, runtime }: Manifest): Promise<Answer[]> {
    this.#hearing.set('loading')
    const detector = new DetectorClient()
    try {
      const model = files.find(({ role }) => role === 'ear')?.url
      if (model === undefined) throw new Error('/demo.json names no voice detector.')
      const answer = await detector.load({ model, runtime })
      this.#detector = detector
      this.#listen()
      return [answer]
    } catch (error) {
      this.#failed(error)
      return []
    }
  }

  #offerFiles(): void {
    const input = element('recording', HTMLInputElement)
    element('open', HTMLElement).addEventListener('click', () => input.click())
    input.addEventListener('change', () => {
      const [file] = input.files ?? []
      if (file !== undefined) this.#open(file, file.name)
      // The same file chosen again is a change again.
      input.value = ''
    })
  }

  #offerMicrophone(button: HTMLButtonElement): void {
    // Pages that are not secure have no microphone to offer.
    button.hidden = navigator.mediaDevices === undefined
    let stop: AbortController | undefined
    button.addEventListener('click', () => {
      if (stop !== undefined) {
        stop.abort()
        return
      }
      stop = new AbortController()
      button.disabled = true
      recordSound(stop.signal, () => {
        button.disabled = false
        button.textContent = 'Stop recording'
      })
        .then(
          (sound) => this.#open(sound, 'Recording'),
          (error: unknown) => this.#fault(explainMicrophone(error)),
        )
        .finally(() => {
          stop = undefined
          button.disabled = false
          button.textContent = 'Record'
        })
    })
  }

  #open(sound: Blob, title: string): void {
    decodeClip(sound, title).then(
      (clip) => this.#take(clip),
      (error: unknown) => this.#fault(messageOf(error)),
    )
  }

  #take(clip: Clip): void {
    this.#clip = clip
    this.#heard = []
    this.#hearing.begin(clip.title)
    this.#player.load(clip.samples)
    this.#draw()
    this.#listen()
  }

  #listen(): void {
    this.#listenOnce().catch((error: unknown) => this.#failed(error))
  }

  async #listenOnce(): Promise<void> {
    if (this.#detector === undefined) return
    const turn = (this.#turn += 1)
    const started = performance.now()
    const { samples } = this.#clip
    this.#heard = []
    this.#hearing.set('listening')
    for await (const part of this.#detector.hear(samples)) {
      // Meanwhile another clip may have been chosen.
      if (turn !== this.#turn) return
      this.#heard.push(...part)
      this.#draw()
    }
    const [seconds, tookMs] = [samples.length / sampleRate, performance.now() - started]
    this.#hearing.show(findStretches(this.#heard), this.#heard.length, seconds, tookMs)
  }

  #draw(): void {
    this.#graph.show({
      samples: this.#clip.samples,
      probabilities: this.#heard,
      stretches: findStretches(this.#heard),
    })
    this.#moved(this.#seconds)
  }

  #moved(seconds: number): void {
    this.#seconds = seconds
    const probability = this.#heard[Math.floor((seconds * sampleRate) / windowSize)]
    const share = probability === undefined ? '–' : `${(probability * 100).toFixed(0)} %`
    this.#at.textContent = `${seconds.toFixed(2)} s: speech ${share}`
    this.#position.setAttribute('aria-valuetext', this.#at.textContent)
  }

  #failed(error: unknown): void {
    this.#hearing.set('failed')
    this.#fault(`${messageOf(error)} Reload the page to try again.`)
  }

  #fault(message: string): void {
    this.#hearing.fault(message)
    this.#report(message)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
