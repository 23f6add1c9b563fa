import type { EvaluateFunc, Page } from 'puppeteer-core'
import type { StagePage } from '../../stage/StagePage.ts'

/** Time limit for waiting on a page, milliseconds. */
const patienceMs = 30_000

/** A page of Firefox for a stage. */
export class FirefoxPage implements StagePage {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  async goto(url: string): Promise<void> {
    await this.#page.goto(url)
  }

  async reload(): Promise<void> {
    await this.#page.reload()
  }

  async evaluate<Result, Input>(
    work: (input: Input) => Result,
    input?: Input,
  ): Promise<Awaited<Result>> {
    const result = await this.#page.evaluate(work as EvaluateFunc<[unknown]>, input)
    return result as Awaited<Result>
  }

  async waitForFunction<Input>(
    condition: (input: Input) => unknown,
    input: Input,
    { polling }: { readonly polling: number },
  ): Promise<void> {
    const options = { polling, timeout: patienceMs }
    await this.#page.waitForFunction(condition as EvaluateFunc<[unknown]>, options, input)
  }

  /** Pages of one context share their storage. */
  context(): { newPage(): Promise<FirefoxPage>; setOffline(offline: boolean): Promise<void> } {
    const context = this.#page.browserContext()
    return {
      newPage: async () => new FirefoxPage(await context.newPage()),
      setOffline: async (offline) => {
        for (const page of await context.pages()) await page.setOfflineMode(offline)
      },
    }
  }

  async close(): Promise<void> {
    await this.#page.close()
  }
}
