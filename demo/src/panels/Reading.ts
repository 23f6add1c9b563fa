import type { DecodedLine } from '../ocr/decodeCtc.ts'
import { element } from './element.ts'

/** The recognised text, its confidence and the time it took. */
export class Reading {
  readonly #answer: HTMLElement = element('answer', HTMLElement)
  readonly #confidence: HTMLElement = element('confidence', HTMLElement)
  readonly #took: HTMLElement = element('took', HTMLElement)
  readonly #bar: HTMLElement = element('confidence-bar', HTMLElement)

  show(lines: readonly DecodedLine[], tookMs: number): void {
    const sum = lines.reduce((total, { confidence }) => total + confidence, 0)
    const confidence = lines.length === 0 ? 0 : sum / lines.length
    this.#answer.textContent = lines.map(({ text }) => text).join('\n')
    this.#confidence.textContent = `${(confidence * 100).toFixed(0)} % sure`
    this.#bar.style.width = `${(confidence * 100).toFixed(0)}%`
    this.#took.textContent = `${Math.round(tookMs)} ms`
    delete this.#answer.dataset['stale']
  }

  /** Marks the result as outdated: the drawing has changed. */
  outdate(): void {
    this.#answer.dataset['stale'] = ''
  }
}
