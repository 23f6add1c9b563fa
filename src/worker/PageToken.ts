import type { TokenSource } from '../auth/TokenSource.ts'
import { withTimeout } from '../core/withTimeout.ts'

/** How long the page may take to give its token, milliseconds: it may have to ask its own server. */
const tokenMs = 30_000

/** Tokens remembered as the page's own, so that nobody else's refusal asks the page for another one. */
const remembered = 8

/**
 * The page's token. When it was refused, the page is asked for another one, once for everybody who waits.
 */
export class PageToken implements TokenSource {
  readonly origins: readonly string[]
  readonly #ask: (refused: boolean) => Promise<string | undefined>
  /** Given so far, the current one last. */
  #given: readonly string[] = []
  #renewal: Promise<string | undefined> | undefined

  /** @param ask the page's provider; told whether the token that it gave last was refused */
  constructor(ask: (refused: boolean) => Promise<string | undefined>, origins: readonly string[]) {
    this.#ask = ask
    this.origins = origins
  }

  /** @throws FerryError `timeout`; what the provider throws */
  async token(refused?: string): Promise<string | undefined> {
    if (refused === undefined) return await this.#next(false)
    if (!this.#given.includes(refused)) return undefined
    const current = this.#given.at(-1)
    if (this.#renewal === undefined && current !== refused) return current
    this.#renewal ??= this.#next(true).finally(() => (this.#renewal = undefined))
    return await this.#renewal
  }

  async #next(refused: boolean): Promise<string | undefined> {
    const token = await withTimeout(this.#ask(refused), tokenMs, 'The page gave no token in time.')
    if (token)
      this.#given = [...this.#given.filter((one) => one !== token), token].slice(-remembered)
    return token
  }
}
