import type { Clip } from './ear/Clip.ts'
import { DetectorClient } from './ear/DetectorClient.ts'
import { findStretches } from './ear/findStretches.ts'
import { sampleRate } from './ear/sampleRate.ts'
import { windowSize } from './ear/windowSize.ts'
import type { Manifest } from './Manifest.ts'
import type { Answer } from './models/Answer.ts'
import { ClipChoice } from './panels/ClipChoice.ts'
import { element } from './panels/element.ts'
import { Hearing } from './panels/Hearing.ts'
import { Player } from './panels/Player.ts'
import { SpeechGraph } from './panels/SpeechGraph.ts'

/** The clip, the voice detector and its curve. It processes every new clip automatically. */
export class Listener {
  readonly #hearing: Hearing = new Hearing()
  readonly #graph: SpeechGraph = new SpeechGraph(element('curve', HTMLCanvasElement))
  readonly #at: HTMLElement = element('at', HTMLElement)
  readonly #position: HTMLInputElement = element('position', HTMLInputElement)
  readonly #player: Player
  readonly #report: (message: string) => void
  #detector: DetectorClient | undefined
  #samples: Clip['samples'] = new Float32Array()
  #heard: number[] = []
  #seconds = 0
  #turn = 0

  /** @param report called, for the log, when something could not be loaded, opened or recorded */
  constructor(report: (message: string) => void) {
    this.#report = report
    this.#player = new Player(
      (seconds) => this.#moved(seconds),
      (message) => this.#fault(message),
    )
    this.#hearing.set('waiting')
    const choice = new ClipChoice(
      (clip) => this.#take(clip),
      (message) => this.#fault(message),
    )
    choice.takeBuiltIn()
  }

  /**
   * Loads the voice detector. Its worker starts only here, so that the page's service worker, if there is one, also
   * answers the worker's fetches.
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
      this.#failed('could not be loaded', error, 'once the hub can be reached')
      return []
    }
  }

  #take(clip: Clip): void {
    this.#samples = clip.samples
    this.#heard = []
    this.#hearing.begin(clip.title)
    this.#player.load(clip.samples)
    this.#draw()
    this.#listen()
  }

  #listen(): void {
    this.#listenOnce().catch((error: unknown) => this.#failed('gave up', error, 'to try again'))
  }

  async #listenOnce(): Promise<void> {
    if (this.#detector === undefined) return
    const turn = (this.#turn += 1)
    const started = performance.now()
    const samples = this.#samples
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
      samples: this.#samples,
      probabilities: this.#heard,
      stretches: findStretches(this.#heard),
    })
    this.#moved(this.#seconds)
  }

  #moved(seconds: number): void {
    this.#seconds = seconds
    // The remaining samples fill no window; the last window counts for them.
    const last = Math.floor(this.#samples.length / windowSize) - 1
    const probability = this.#heard[Math.min(Math.floor((seconds * sampleRate) / windowSize), last)]
    const share = probability === undefined ? '–' : `${(probability * 100).toFixed(0)} %`
    this.#at.textContent = `${seconds.toFixed(2)} s: speech ${share}`
    this.#position.setAttribute('aria-valuetext', this.#at.textContent)
  }

  #failed(what: string, error: unknown, remedy: string): void {
    this.#hearing.set('failed')
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
    this.#fault(`The voice detector ${what}: ${reason}. Reload the page ${remedy}.`)
  }

  #fault(message: string): void {
    this.#hearing.fault(message)
    this.#report(message)
  }
}
