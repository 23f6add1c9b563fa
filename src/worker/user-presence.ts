/**
 * The users of the open loaders of one app. Each loader holds a shared Web Lock that is named by its user; the
 * browser releases it when the worker ends for any reason.
 *
 * A request of a page's own worker does not show which page it belongs to, so any loader answers it. With the
 * credential of its page a loader may do so only while all loaders have the same user.
 */
export class UserPresence {
  readonly #prefix: string
  #name: string | undefined
  #release: () => void = () => undefined

  /** @param app the app's scope */
  constructor(app: string) {
    this.#prefix = `modelferry-user:${app}:`
  }

  /** @param grant a digest of the user; undefined: no user is signed in */
  announce(grant: string | undefined): void {
    const name = this.#prefix + (grant ?? '')
    if (name === this.#name) return
    this.#release()
    this.#name = name
    const held = new Promise<void>((resolve) => {
      this.#release = resolve
    })
    navigator.locks.request(name, { mode: 'shared' }, () => held).catch(() => undefined)
  }

  /** Whether loaders of several users are open; true also when it is unknown. */
  async isMixed(): Promise<boolean> {
    try {
      const { held = [] } = await navigator.locks.query()
      const names = held.flatMap(({ name }) => (name?.startsWith(this.#prefix) ? [name] : []))
      return new Set(names).size > 1
    } catch {
      return true
    }
  }

  close(): void {
    this.#release()
    this.#name = undefined
  }
}
