import { describeStretches } from '../ear/describeStretches.ts'
import type { Stretch } from '../ear/Stretch.ts'
import { element } from './element.ts'

/** State of the speech detection. */
export type HearingState = 'waiting' | 'loading' | 'listening' | 'ready' | 'failed'

const WORDS: Record<HearingState, string> = {
  waiting: 'waiting for its voice detector',
  loading: 'loading its voice detector',
  listening: 'listening',
  ready: '',
  failed: 'nothing without its voice detector',
}

/** The result of the speech detection, in words, and its errors. The state is also in the card's `data-state`. */
export class Hearing {
  readonly #card: HTMLElement = element('hear', HTMLElement)
  readonly #title: HTMLElement = element('clip', HTMLElement)
  readonly #answer: HTMLElement = element('heard', HTMLElement)
  readonly #figures: HTMLElement = element('heard-figures', HTMLElement)
  readonly #fault: HTMLElement = element('hear-fault', HTMLElement)

  /** A clip begins; errors of the previous one are cleared. */
  begin(title: string): void {
    this.#title.textContent = title
    this.#figures.textContent = ''
    this.#fault.textContent = ''
  }

  set(state: HearingState): void {
    this.#card.dataset['state'] = state
    this.#answer.textContent = WORDS[state]
  }

  /** @param seconds of the whole clip */
  show(stretches: readonly Stretch[], windows: number, seconds: number, tookMs: number): void {
    this.set('ready')
    this.#answer.textContent = describeStretches(stretches)
    const speech = stretches.reduce((sum, { start, end }) => sum + end - start, 0)
    this.#figures.textContent =
      `${speech.toFixed(1)} of ${seconds.toFixed(1)} s, ` +
      `${windows} windows in ${Math.round(tookMs)} ms`
  }

  /** @param message what happened and what to do */
  fault(message: string): void {
    this.#fault.textContent = message
  }
}
