/** How long the storage takes for each answer while it is slow. */
const SLOW_MS = 800
const TIMEOUT_MS = 5000

/** The embedded hub's controls, which a real hub does not have. */
export class HubControls {
  readonly #base: string

  /** @param hub origin of the hub */
  constructor(hub: string) {
    this.#base = `${hub}/-`
  }

  /** Makes the storage refuse every URL signed until now. */
  async expireUrls(): Promise<void> {
    await this.#call('POST', 'expire-urls')
  }

  /** Delays every piece, so that a transfer can be watched. */
  async slowDown(slow: boolean): Promise<void> {
    const action = { do: 'delay', ms: SLOW_MS }
    if (slow) await this.#call('POST', 'faults', { kind: 'xorb', times: null, action })
    else await this.#call('DELETE', 'faults')
  }

  /** Whether the storage is slow. */
  async slow(): Promise<boolean> {
    const rules = (await this.#call('GET', 'faults')) as { action: { do: string } }[]
    return rules.some(({ action }) => action.do === 'delay')
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`The hub answered ${response.status} to ${method} ${path}.`)
    return await response.json()
  }
}
