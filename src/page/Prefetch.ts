import { FerryError } from '../core/FerryError.ts'
import { orAborted } from '../net/orAborted.ts'
import type { LoadState } from '../protocol/LoadState.ts'

/** How a prefetch is watched and ended. */
export interface PrefetchOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (state: LoadState) => void
}

/**
 * Files being brought onto the device; awaiting it waits for all of them.
 *
 * @example
 * const load = ferry.prefetch([url]); pauseButton.onclick = () => load.pause(); await load
 */
export class Prefetch implements PromiseLike<void> {
  readonly #done: Promise<void>
  readonly #load: (url: string, signal: AbortSignal) => Promise<void>
  readonly #signal: AbortSignal | undefined
  #run = new AbortController()
  #resumed: Promise<void> = Promise.resolve()
  #resume: () => void = () => undefined

  /** @param load brings one file; what is committed when its signal is aborted is kept */
  constructor(
    urls: readonly string[],
    load: (url: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal | undefined,
  ) {
    this.#load = load
    this.#signal = signal
    this.#done = this.#all(urls)
    this.#done.catch(() => undefined)
  }

  /** Ends the requests under way; nothing that is here is lost. */
  pause(): void {
    if (this.#run.signal.aborted) return
    this.#resumed = new Promise((resolve) => {
      this.#resume = resolve
    })
    this.#run.abort(new FerryError('aborted', 'Paused.'))
  }

  resume(): void {
    if (!this.#run.signal.aborted) return
    this.#run = new AbortController()
    this.#resume()
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting it is its purpose
  then<Result = void, Failure = never>(
    onDone?: ((value: void) => Result | PromiseLike<Result>) | null,
    onFailure?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    return this.#done.then(onDone, onFailure)
  }

  async #all(urls: readonly string[]): Promise<void> {
    for (const url of urls) await this.#one(url)
  }

  async #one(url: string): Promise<void> {
    for (;;) {
      this.#signal?.throwIfAborted()
      await orAborted(this.#resumed, this.#signal)
      const run = this.#run.signal
      try {
        return await this.#load(url, this.#signal ? AbortSignal.any([run, this.#signal]) : run)
      } catch (error) {
        if (!run.aborted || this.#signal?.aborted) throw error
      }
    }
  }
}
