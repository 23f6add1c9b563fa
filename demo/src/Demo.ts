import { boardFerry } from './boardFerry.ts'
import type { Ferry } from './Ferry.ts'
import type { Manifest } from './Manifest.ts'
import { element } from './panels/element.ts'
import { EventLog } from './panels/EventLog.ts'
import { FilesPanel } from './panels/FilesPanel.ts'
import { Lifetime } from './panels/Lifetime.ts'
import { watchNetwork } from './panels/watchNetwork.ts'
import { Reader } from './Reader.ts'
import { Status } from './panels/Status.ts'

/** The page: it boards the ferry, loads the recogniser by plain fetches, and keeps the panels true. */
export class Demo {
  readonly #manifest: Manifest
  readonly #log: EventLog = new EventLog()
  readonly #status: Status = new Status()
  readonly #lifetime: Lifetime = new Lifetime()
  readonly #files: FilesPanel
  #ferry: Ferry | undefined

  constructor(manifest: Manifest) {
    this.#manifest = manifest
    this.#files = new FilesPanel(manifest.files, (url) => this.#attempt(() => this.#fetch(url)))
  }

  async start(): Promise<void> {
    this.#lifetime.start(this.#manifest.urlLifetimeMs)
    watchNetwork((words) => this.#log.add('note', words))
    element('reload', HTMLElement).addEventListener('click', () => location.reload())
    element('expire', HTMLElement).addEventListener('click', () =>
      this.#attempt(() => this.#expire()),
    )
    element('drop', HTMLElement).addEventListener('click', () => this.#attempt(() => this.#drop()))
    const reader = new Reader(this.#status, (message) => this.#log.add('fault', message))
    await this.#board()
    for (const answer of await reader.load(this.#manifest)) {
      this.#files.answered(answer)
      const { url, source, tookMs } = answer
      const who = source === null ? 'the network' : `the service worker (${source})`
      this.#log.add('answer', `${nameOf(url)} from ${who} in ${Math.round(tookMs)} ms`)
    }
    await this.#showHeld()
  }

  /** Without a ferry the page works as any page does: the network answers each time. */
  async #board(): Promise<void> {
    this.#status.set('connecting')
    try {
      const ferry = await boardFerry(this.#manifest)
      ferry.onProgress((progress) => {
        this.#files.progress(progress)
        if (progress.deadline !== undefined) this.#lifetime.set(progress.deadline)
      })
      ferry.onRenewed((url) => this.#log.add('renewed', `presigned URLs of ${nameOf(url)}`))
      ferry.onFault((message) => this.#log.add('fault', message))
      this.#ferry = ferry
      this.#files.fetchable = true
      element('drop', HTMLButtonElement).disabled = false
      this.#log.add('note', 'the service worker answers for this page')
      await this.#showHeld()
    } catch (error) {
      this.#log.add('fault', `no ferry, plain fetches instead: ${messageOf(error)}`)
    }
  }

  async #showHeld(): Promise<void> {
    if (this.#ferry !== undefined) this.#files.held(await this.#ferry.files())
  }

  async #fetch(url: string): Promise<void> {
    await this.#ferry?.fetchAhead(url)
    await this.#showHeld()
  }

  async #drop(): Promise<void> {
    const model = this.#manifest.files.find(({ role }) => role === 'model')
    if (model === undefined) return
    await this.#ferry?.remove(model.url)
    this.#log.add('note', `${model.name} was dropped; reload to see it come again`)
    await this.#showHeld()
  }

  async #expire(): Promise<void> {
    const signal = AbortSignal.timeout(5000)
    const response = await fetch(`${this.#manifest.hub}/-/expire`, { method: 'POST', signal })
    if (!response.ok) throw new Error(`the hub answered ${response.status}`)
    this.#lifetime.revoke()
    this.#log.add('note', 'the storage refuses every URL signed until now')
  }

  #attempt(action: () => Promise<void>): void {
    action().catch((error: unknown) => this.#log.add('fault', messageOf(error)))
  }
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
