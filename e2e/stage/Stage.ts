import type { Page } from '@playwright/test'
import type { HeldFile } from 'modelferry'
import type { RunningHub } from 'modelferry/hub'
import type { Account } from './Account.ts'
import type { PageOptions } from './PageOptions.ts'
import { connectPage } from './connectPage.ts'
import type { ConnectionEvent } from './ConnectionEvent.ts'
import type { Fetched } from './Fetched.ts'
import { fetchInPage } from './fetchInPage.ts'
import type { PageFetch } from './fetchInPage.ts'
import type { Library } from './Library.ts'
import type { StageDevice } from './StageDevice.ts'
import type { StageFile } from './StageFile.ts'
import type { StagePage } from './StagePage.ts'
import type { StageTab } from './StageTab.ts'
import type { StageWindow } from './StageWindow.ts'
import type { Site } from './startSite.ts'
import type { Traffic } from './Traffic.ts'

/** The parts of a stage; tests may use each of them alone. */
export interface StageParts<Tab extends StagePage = Page> {
  readonly page: Tab
  readonly hub: RunningHub
  readonly site: Site
  readonly files: Library['files']
  readonly traffic: Traffic
}

/**
 * A page of a tiny site, its hub, and the common actions of tests. The page is Playwright's or of another driver.
 */
export class Stage<Tab extends StagePage = Page> {
  readonly page: Tab
  readonly hub: RunningHub
  readonly site: Site
  readonly files: Library['files']
  readonly traffic: Traffic
  readonly #parts: StageParts<Tab>
  #pageOptions: PageOptions = {}

  constructor(parts: StageParts<Tab>) {
    this.#parts = parts
    this.page = parts.page
    this.hub = parts.hub
    this.site = parts.site
    this.files = parts.files
    this.traffic = parts.traffic
  }

  get context(): Tab extends StageTab ? ReturnType<Tab['context']> : never {
    return (this.page as StagePage as StageTab).context() as never
  }

  /** URL of a file, by default at its commit. */
  url({ repo, path, commit }: StageFile, revision: string = commit): string {
    return `${this.hub.url}/${repo}/resolve/${revision}/${path}`
  }

  /** Opens the page and connects. @returns whether the service worker controls the page */
  async connect(pageOptions: PageOptions = {}): Promise<boolean> {
    this.#pageOptions = pageOptions
    await this.page.goto(this.site.url)
    return await this.#connect()
  }

  /** Reloads the page and connects as before. */
  async reload(): Promise<boolean> {
    await this.page.reload()
    return await this.#connect()
  }

  /**
   * The same hub and site with another page, possibly of another browser.
   *
   * @param folder folder of the page on the site, with a trailing slash
   */
  with<Other extends StagePage>(page: Other, folder: string = ''): Stage<Other> {
    const { site } = this.#parts
    return new Stage({ ...this.#parts, page, site: { ...site, url: site.url + folder } })
  }

  /** Signs a user in, in this tab only; `{}`: signs out. */
  async signIn(account: Account): Promise<void> {
    await this.page.evaluate(
      (text) => sessionStorage.setItem('account', text),
      JSON.stringify(account),
    )
  }

  async signOut(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as StageWindow).ferry.signOut())
  }

  /** Closes hub and site, and sets the browser offline. */
  async leaveNetwork(this: Stage<Tab & StageDevice>): Promise<void> {
    await Promise.all([this.hub.close(), this.site.close()])
    await this.context.setOffline(true)
  }

  /** Another tab of the same browser, connected in the same way. */
  async tab(this: Stage<Tab & StageTab>): Promise<Stage<Tab>> {
    const other = this.with((await this.context.newPage()) as Tab)
    await other.connect(this.#pageOptions)
    return other
  }

  /** Fetches in the page, by default with its own `fetch`, and reads to the end. */
  async fetch(wanted: StageFile | string, options: Omit<PageFetch, 'url'> = {}): Promise<Fetched> {
    const url = typeof wanted === 'string' ? wanted : this.url(wanted)
    return await this.page.evaluate(fetchInPage, { url, ...options })
  }

  /** All events of the connection except progress. */
  async events<Name extends ConnectionEvent['name']>(
    name: Name,
  ): Promise<Extract<ConnectionEvent, { name: Name }>['detail'][]> {
    const events = await this.page.evaluate(() => (window as unknown as StageWindow).events)
    return events.filter((each) => each.name === name).map(({ detail }) => detail as never)
  }

  /** The files on the device. */
  async held(): Promise<readonly HeldFile[]> {
    return await this.page.evaluate(() => (window as unknown as StageWindow).ferry.files())
  }

  /** Starts a prefetch without waiting for it. */
  async prefetch(file: StageFile): Promise<void> {
    await this.page.evaluate((url) => {
      const page = window as unknown as StageWindow
      page.load = page.ferry.prefetch([url])
    }, this.url(file))
  }

  async pause(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as StageWindow).load.pause())
  }

  /** Resumes after {@link pause} and waits for the end. */
  async resume(): Promise<void> {
    await this.page.evaluate(async () => {
      const page = window as unknown as StageWindow
      page.load.resume()
      await page.load
    })
  }

  /** Waits until the given number of bytes of a file is committed. */
  async until(file: StageFile, bytes: number): Promise<void> {
    await this.page.waitForFunction(
      ([url, enough]) => ((window as unknown as StageWindow).held[url] ?? 0) >= enough,
      [this.url(file), bytes] as const,
      { polling: 20 },
    )
  }

  async #connect(): Promise<boolean> {
    return await this.page.evaluate(connectPage, { hubs: [this.hub.url], ...this.#pageOptions })
  }
}
