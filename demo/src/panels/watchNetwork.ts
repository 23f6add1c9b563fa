import { element } from './element.ts'

/** Shows whether the browser is online, and reports changes. */
export function watchNetwork(changed: (words: string) => void): void {
  const pill = element('network', HTMLElement)
  const show = (): void => {
    const state = navigator.onLine ? 'online' : 'offline'
    pill.dataset['state'] = pill.textContent = state
  }
  const turn = (): void => {
    show()
    changed(`the browser is ${navigator.onLine ? 'online' : 'offline'}`)
  }
  globalThis.addEventListener('online', turn)
  globalThis.addEventListener('offline', turn)
  show()
}
