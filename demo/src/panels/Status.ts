import { element } from './element.ts'

/** State of the page. */
export type StatusState = 'connecting' | 'loading' | 'ready' | 'reading' | 'failed'

const WORDS: Record<StatusState, string> = {
  connecting: 'connecting',
  loading: 'loading the model',
  ready: 'ready',
  reading: 'reading',
  failed: 'failed, see events',
}

/** The state of the page as a whole, also in `data-state`. */
export class Status {
  readonly #element: HTMLElement = element('status', HTMLElement)

  set(state: StatusState): void {
    this.#element.dataset['state'] = state
    this.#element.textContent = WORDS[state]
  }
}
