import type { StageTab } from '../../stage/StageTab.ts'
import { Remote } from './Remote.ts'

/** A page of WebKitGTK for a stage. */
export class WebKitPage implements StageTab {
  readonly #remote: Remote
  readonly #open: (url: string, remote: Remote) => Promise<unknown>
  readonly #tabs: WebKitPage[] = []
  #started = false

  private constructor(remote: Remote, open: (url: string, remote: Remote) => Promise<unknown>) {
    this.#remote = remote
    this.#open = open
  }

  /** @param open opens a page that polls the remote */
  static async create(
    open: (url: string, remote: Remote) => Promise<unknown>,
  ): Promise<WebKitPage> {
    return new WebKitPage(await Remote.open(), open)
  }

  async goto(url: string): Promise<void> {
    await this.#remote.arrival(() => {
      if (this.#started) return this.#leave((to) => location.assign(to), url)
      this.#started = true
      return this.#open(url, this.#remote)
    })
  }

  async reload(): Promise<void> {
    await this.#remote.arrival(() => this.#leave(() => location.reload()))
  }

  async evaluate<Result, Input>(
    work: (input: Input) => Result,
    input?: Input,
  ): Promise<Awaited<Result>> {
    return (await this.#remote.send(String(work), input)) as Awaited<Result>
  }

  async waitForFunction<Input>(
    condition: (input: Input) => unknown,
    input: Input,
    { polling }: { readonly polling: number },
  ): Promise<void> {
    const until = Date.now() + 30_000
    while (!(await this.evaluate(condition, input))) {
      if (Date.now() > until) throw new Error('The page did not reach the expected state.')
      await new Promise((resolve) => setTimeout(resolve, polling))
    }
  }

  /** Other windows of this browser, which share its storage. */
  context(): { newPage(): Promise<WebKitPage> } {
    const open = (url: string, remote: Remote): Promise<unknown> =>
      this.evaluate(([to, name]) => void window.open(to, name), [url, remote.url] as const)
    return {
      newPage: async () => {
        const tab = await WebKitPage.create(open)
        this.#tabs.push(tab)
        return tab
      },
    }
  }

  /** Stops using the page. */
  close(): void {
    this.#remote.close()
    for (const tab of this.#tabs) tab.close()
  }

  /** A page may be gone before it can respond. */
  async #leave(go: (url: string) => void, url: string = ''): Promise<void> {
    await this.#remote.send(String(go), url).catch(() => undefined)
  }
}
