/** A signal that is made when somebody asks for it: most work never does, and making one costs more than a step here. */
export class LazySignal {
  #controller: AbortController | undefined
  #reason: unknown

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** @param reason of the signal; the first one counts */
  abort(reason: unknown): void {
    this.#reason ??= reason ?? new DOMException('Aborted.', 'AbortError')
    this.#controller?.abort(this.#reason)
  }
}
