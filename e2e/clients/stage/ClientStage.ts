import { expect, test } from '@playwright/test'
import type { Page } from '@playwright/test'
import type { Hub } from 'modelferry/hub'
import type { PageOptions } from '../../stage/PageOptions.ts'
import { connectPage } from '../../stage/connectPage.ts'
import type { StageFile } from '../../stage/StageFile.ts'
import { stageToken } from '../../stage/stageToken.ts'
import { storedText } from '../../stage/storedText.ts'
import type { Site } from '../../stage/startSite.ts'
import { Traffic } from '../../stage/Traffic.ts'
import type { ClientAnswer } from '../pages/ClientAnswer.ts'
import type { ClientName } from '../pages/ClientName.ts'
import type { ClientTask } from '../pages/ClientTask.ts'
import type { Cell } from './Cell.ts'
import { dropCopies } from './dropCopies.ts'
import { hubOrigin } from './hubOrigin.ts'
import type { Realm } from './Realm.ts'
import type { Hosts } from './startHosts.ts'
import type { ClientRun } from './ClientRun.ts'

/** What the stage of the clients is made of. */
export interface ClientStageParts {
  readonly page: Page
  readonly hub: Hub
  readonly hosts: Hosts
  readonly site: Site
  readonly files: readonly StageFile[]
  readonly fromCdn: string[]
}

/** Offline needs the app too. */
const shell = ['/', '/modelferry.js', '/modelferry-worker.js', '/clients/*', '/ort/*', '/wllama/*']

/** An app in which a library runs, a hub at its well-known name, and modelferry between them. */
export class ClientStage {
  readonly page: Page
  readonly hub: Hub
  readonly site: Site
  readonly traffic: Traffic
  /** Paths that a CDN was asked for. */
  readonly fromCdn: string[]
  readonly #hosts: Hosts
  readonly #files: readonly StageFile[]
  #pageOptions: PageOptions = {}

  constructor({ page, hub, hosts, site, files, fromCdn }: ClientStageParts) {
    this.page = page
    this.hub = hub
    this.site = site
    this.traffic = new Traffic(hub.log)
    this.fromCdn = fromCdn
    this.#hosts = hosts
    this.#files = files
  }

  /** A file of the hub. */
  file(repo: string, path: string): StageFile {
    const file = this.#files.find((each) => each.repo === repo && each.path === path)
    if (file === undefined) throw new Error(`The clients' hub has no ${path} in ${repo}.`)
    return file
  }

  /** Opens the app and connects, with the default hubs. */
  async connect(pageOptions: PageOptions = {}): Promise<void> {
    this.#pageOptions = { shell, ...pageOptions }
    await this.page.goto(this.site.url)
    await this.#connect()
  }

  /** Opens or reloads the app without modelferry, with the libraries' own behaviour. */
  async openWithout(): Promise<void> {
    await this.page.goto(this.site.url)
    await this.#addClients()
  }

  /** Closes hub, storage and CDN; the site stays. */
  closeHosts(): void {
    this.#hosts.answer = undefined
  }

  /** Reloads the app with only modelferry's storage: no copies of libraries, no HTTP cache. */
  async reload(): Promise<void> {
    await this.page.evaluate(dropCopies)
    const devtools = await this.page.context().newCDPSession(this.page)
    await devtools.send('Network.clearBrowserCache')
    await devtools.detach()
    this.traffic.clear()
    this.fromCdn.length = 0
    await this.page.reload()
    await this.#connect()
  }

  /** Closes hub and site, sets the browser offline, and reloads the app. */
  async leaveNetwork(): Promise<void> {
    this.closeHosts()
    await this.site.close()
    await this.page.context().setOffline(true)
    await this.reload()
  }

  /** Runs a client and records its cost. */
  async run<Name extends ClientName>(
    { title, client, realm, task }: Omit<ClientRun<Name>, 'check'>,
    load: Cell['load'],
  ): Promise<ClientAnswer<Name>> {
    const started = performance.now()
    const answer = await this.page.evaluate(
      ([name, where, what]) => (window as unknown as ClientsWindow).runClient(name, where, what),
      [client, realm, { ...task, hub: hubOrigin }] as const,
    )
    const cell: Cell = {
      client: title,
      realm,
      load,
      requests: this.traffic.all.length,
      bytes: this.traffic.all.reduce((sum, { bytes }) => sum + bytes, 0),
      ms: Math.round(performance.now() - started),
    }
    test.info().annotations.push({ type: 'cell', description: JSON.stringify(cell) })
    return answer as ClientAnswer<Name>
  }

  /** Fails if modelferry stored or sent to other pages the token of a client. */
  async expectNoSecrets(): Promise<void> {
    const stored = await this.page.evaluate(storedText, 'modelferry')
    const heard = await this.page.evaluate(() => (window as unknown as ClientsWindow).heard)
    for (const [place, text] of Object.entries({ ...stored, channel: heard?.join() ?? '' }))
      expect(text.includes(stageToken), `the token in ${place}`).toBe(false)
    expect(stored['databases']).not.toMatch(/[?&][^=&#\s"]*token=/i)
  }

  async #connect(): Promise<void> {
    await this.page.evaluate(() => {
      const heard: string[] = []
      const channel = new BroadcastChannel('modelferry')
      channel.addEventListener('message', ({ data }) => heard.push(JSON.stringify(data)))
      Object.assign(window, { heard })
    })
    const controlled = await this.page.evaluate(connectPage, this.#pageOptions)
    if (!controlled) throw new Error('The service worker does not control the app.')
    await this.#addClients()
  }

  async #addClients(): Promise<void> {
    await this.page.addScriptTag({ url: '/clients/main.js', type: 'module' })
  }
}

interface ClientsWindow {
  /** Messages of the channel that every page of the origin can read. */
  readonly heard?: readonly string[]
  runClient(name: ClientName, realm: Realm, task: ClientTask): Promise<unknown>
}
