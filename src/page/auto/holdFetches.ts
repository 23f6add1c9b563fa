/**
 * Lets the page's fetches of certain addresses wait. Requests of other kinds (XMLHttpRequest, elements, workers)
 * do not wait.
 *
 * @param isHeld tells by an absolute address
 * @param released when they go on; from then on the page has its own `fetch` again
 */
export function holdFetches(isHeld: (url: string) => boolean, released: Promise<void>): void {
  const { fetch: plain } = globalThis
  const held: typeof fetch = async (input, init) => {
    const request = input instanceof Request ? input : undefined
    const url = input instanceof Request ? input.url : input.toString()
    const signal = init?.signal ?? request?.signal
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve))
    const held = URL.canParse(url, document.baseURI) && isHeld(new URL(url, document.baseURI).href)
    // Given up meanwhile, the fetch itself says so.
    if (held && !signal?.aborted) await Promise.race([released, aborted])
    return await plain(input, init)
  }
  globalThis.fetch = held
  const giveBack = async (): Promise<void> => {
    await released
    // Unless somebody put another one around it.
    if (globalThis.fetch === held) globalThis.fetch = plain
  }
  void giveBack()
}
