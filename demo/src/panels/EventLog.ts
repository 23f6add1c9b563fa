import { element } from './element.ts'

/** The kind of an event; the style sheet gives some kinds a colour. */
export type EventKind = 'answer' | 'renewed' | 'fault' | 'note'

const LONGEST = 200

/** Events, newest first. */
export class EventLog {
  readonly #list: HTMLElement = element('log', HTMLElement)

  add(kind: EventKind, text: string): void {
    const item = document.createElement('li')
    const [time, word, what] = ['time', 'b', 'span'].map((tag) => document.createElement(tag))
    if (time === undefined || word === undefined || what === undefined) return
    item.dataset['kind'] = kind
    time.textContent = new Date().toLocaleTimeString('en-GB')
    word.textContent = kind
    what.textContent = text
    item.append(time, word, what)
    this.#list.prepend(item)
    while (this.#list.childElementCount > LONGEST) this.#list.lastElementChild?.remove()
  }
}
