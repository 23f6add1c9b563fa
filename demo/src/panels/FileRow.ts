import type { Answer } from '../models/Answer.ts'
import type { HeldFile, LoadState } from 'modelferry'
import type { DemoFile } from '../Manifest.ts'
import { piecesOf } from '../piecesOf.ts'
import { formatBytes } from './formatBytes.ts'
import { PieceStrip } from './PieceStrip.ts'

/**
 * One model file: its map of pieces, how much of it is on the device, and the source of its last response.
 * `data-state` on the row is `away`, `coming` or `held`; without modelferry `unknown`.
 */
export class FileRow {
  readonly element: HTMLLIElement = document.createElement('li')
  readonly #file: DemoFile
  readonly #strip: PieceStrip = new PieceStrip()
  readonly #state: HTMLElement = span('state')
  readonly #badge: HTMLElement = span('badge')
  readonly #fetch: HTMLButtonElement = document.createElement('button')

  /** @param onFetch called when the user prefetches the file */
  constructor(file: DemoFile, onFetch: () => void) {
    this.#file = file
    this.element.className = 'file'
    this.element.dataset['testid'] = `file-${file.name}`
    const title = span('title', file.title)
    title.append(' ', this.#badge)
    const note = span('note', `${file.name}, ${formatBytes(file.size)}`)
    this.#fetch.type = 'button'
    this.#fetch.textContent = 'Fetch'
    this.#fetch.hidden = true
    this.#fetch.setAttribute('aria-label', `Fetch ${file.name}`)
    this.#fetch.addEventListener('click', onFetch)
    this.element.append(title, this.#state, note, this.#fetch, this.#strip.element)
    this.#say('unknown', '')
  }

  /** Nothing of the file is on the device. */
  away(): void {
    this.#strip.show(this.#file.size, [])
    this.#say('away', 'not on the device')
  }

  progress(state: LoadState): void {
    const { size, held, phase } = state
    this.#strip.show(size, piecesOf(state))
    if (phase === 'complete') this.#say('held', 'on the device')
    else this.#say('coming', `${formatBytes(held)} of ${formatBytes(size)}`)
  }

  /** Shows how much of it is on the device, outside of a transfer. */
  held({ size, held, complete }: HeldFile): void {
    this.#strip.show(size, complete ? [{ start: 0, end: size, state: 'proven' }] : [])
    if (complete) this.#say('held', 'on the device')
    else this.#say('away', `${formatBytes(held)} of ${formatBytes(size)} on the device`)
  }

  answered({ source, tookMs }: Answer): void {
    this.#badge.textContent = `${source ?? 'network'} in ${Math.round(tookMs)} ms`
    this.element.dataset['source'] = source ?? 'network'
  }

  /** Whether files can be prefetched, which needs modelferry. */
  set fetchable(fetchable: boolean) {
    this.element.dataset['fetchable'] = String(fetchable)
    this.#fetch.hidden = !fetchable || this.element.dataset['state'] !== 'away'
  }

  #say(state: 'unknown' | 'away' | 'coming' | 'held', words: string): void {
    this.element.dataset['state'] = state
    this.#state.textContent = words
    this.#fetch.hidden = this.element.dataset['fetchable'] !== 'true' || state !== 'away'
  }
}

function span(className: string, text = ''): HTMLElement {
  const made = document.createElement('span')
  made.className = className
  made.textContent = text
  return made
}
