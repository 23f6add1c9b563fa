import type { Ferry } from 'modelferry'
import { connectFerry } from './connectFerry.ts'
import { HubControls } from './HubControls.ts'
import { Listener } from './Listener.ts'
import type { Manifest } from './Manifest.ts'
import type { Answer } from './models/Answer.ts'
import { element } from './panels/element.ts'
import { EventLog } from './panels/EventLog.ts'
import { FilesPanel } from './panels/FilesPanel.ts'
import { Lifetime } from './panels/Lifetime.ts'
import { watchNetwork } from './panels/watchNetwork.ts'
import { Reader } from './Reader.ts'
import { Status } from './panels/Status.ts'

/** The page: it connects modelferry, loads its two models by plain fetches, and updates the panels. */
export class Demo {
  readonly #manifest: Manifest
  readonly #controls: HubControls
  readonly #log: EventLog = new EventLog()
  readonly #status: Status = new Status()
  readonly #lifetime: Lifetime = new Lifetime()
  readonly #files: FilesPanel
  #ferry: Ferry | undefined

  constructor(manifest: Manifest) {
    this.#manifest = manifest
    this.#controls = new HubControls(manifest.hub)
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
    const slow = element('slow', HTMLInputElement)
    slow.addEventListener('change', () => this.#attempt(() => this.#slow(slow)))
    // Without the hub there is nothing to slow down, and the page still works.
    this.#controls.slow().then(
      (now) => (slow.checked = now),
      () => (slow.disabled = true),
    )
    const reader = new Reader(this.#status, (message) => this.#log.add('fault', message))
    const listener = new Listener((message) => this.#log.add('fault', message))
    await this.#connect()
    this.#answered(await reader.load(this.#manifest))
    this.#answered(await listener.load(this.#manifest))
    this.#attempt(() => this.#showHeld())
  }

  #answered(answers: readonly Answer[]): void {
    for (const answer of answers) {
      this.#files.answered(answer)
      const { url, source, tookMs } = answer
      const who = source === null ? 'the network' : `the service worker (${source})`
      this.#log.add('answer', `${nameOf(url)} from ${who} in ${Math.round(tookMs)} ms`)
    }
  }

  /** Without modelferry the page works like any page: the network answers each request. */
  async #connect(): Promise<void> {
    this.#status.set('connecting')
    try {
      this.#ferry = await connectFerry(this.#manifest)
    } catch (error) {
      this.#log.add('fault', `no ferry, plain fetches instead: ${messageOf(error)}`)
      return
    }
    this.#listen(this.#ferry)
    this.#files.fetchable = true
    element('drop', HTMLButtonElement).disabled = false
    const { controlled } = this.#ferry
    this.#log.add('note', `the service worker ${controlled ? 'answers' : 'does not answer'} here`)
    this.#attempt(() => this.#showHeld())
  }

  #listen(ferry: Ferry): void {
    ferry.addEventListener('progress', ({ detail }) => {
      this.#files.progress(detail)
      if (detail.deadline !== undefined) this.#lifetime.set(detail.deadline)
    })
    ferry.addEventListener('renewed', ({ detail }) =>
      this.#log.add('renewed', `presigned URLs of ${nameOf(detail.url)}`),
    )
    ferry.addEventListener('waiting', ({ detail: { url, delayMs, reason } }) =>
      this.#log.add('note', `${nameOf(url)} waits ${delayMs} ms: ${reason.message}`),
    )
    ferry.addEventListener('fault', ({ detail }) => this.#log.add('fault', detail.message))
  }

  async #showHeld(): Promise<void> {
    if (this.#ferry !== undefined) this.#files.held(await this.#ferry.files())
  }

  async #fetch(url: string): Promise<void> {
    await this.#ferry?.prefetch([url])
    await this.#showHeld()
  }

  async #drop(): Promise<void> {
    for (const { role, name, url } of this.#manifest.files) {
      if (role !== 'reader' && role !== 'ear') continue
      await this.#ferry?.remove(url)
      this.#log.add('note', `${name} was removed; reload to fetch it again`)
    }
    await this.#showHeld()
  }

  async #expire(): Promise<void> {
    await this.#controls.expireUrls()
    this.#lifetime.revoke()
    this.#log.add('note', 'the storage refuses every URL signed until now')
  }

  async #slow(box: HTMLInputElement): Promise<void> {
    await this.#controls.slowDown(box.checked)
    this.#log.add('note', `the storage is ${box.checked ? 'slow' : 'fast'} now`)
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
