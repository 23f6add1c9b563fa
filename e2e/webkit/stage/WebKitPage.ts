import type { StagePage } from '../../stage/StagePage.ts'
import { Remote } from './Remote.ts'

/** A page of WebKitGTK that a stage can play on. */
export class WebKitPage implements StagePage {
  readonly #remote: Remote
  readonly #start: (url: string) => Promise<unknown>
  #started = false

  /** @param start opens the browser with a page that asks the remote */
  constructor(remote: Remote, start: (url: string) => Promise<unknown>) {
    this.#remote = remote
    this.#start = start
  }

  async goto(url: string): Promise<void> {
    await this.#remote.arrival(() => {
      if (this.#started) return this.#leave((to) => location.assign(to), url)
      this.#started = true
      return this.#start(url)
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
      if (Date.now() > until) throw new Error('The page did not become as it was waited for.')
      await new Promise((resolve) => setTimeout(resolve, polling))
    }
  }

  /** A page may be gone before it can say that it goes. */
  async #leave(go: (url: string) => void, url: string = ''): Promise<void> {
    await this.#remote.send(String(go), url).catch(() => undefined)
  }
}
