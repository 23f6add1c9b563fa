// Remembers for a few minutes which repositories modelferry could not serve, so that their next requests do not wait
// for another failure. One for each realm that answers requests; losing it costs one more bounded delay.

/** Time for which a repository is passed through, milliseconds. */
const bypassMs = 3 * 60_000
/** Maximum number of remembered repositories; the oldest are removed. */
const most = 100

export class Bypass {
  readonly #noted = new Map<string, { readonly until: number; readonly why: string }>()
  readonly #now: () => number

  /** @param now local epoch milliseconds; tests use another clock */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /**
   * Records that a download failed while the page's own request was answered.
   *
   * @param why readable reason
   * @returns whether the repository was not recorded before
   */
  note(url: string, why: string = ''): boolean {
    const key = repositoryOf(url)
    const news = !this.has(url)
    this.#noted.delete(key)
    this.#noted.set(key, { until: this.#now() + bypassMs, why })
    const [oldest] = this.#noted.keys()
    if (this.#noted.size > most && oldest !== undefined) this.#noted.delete(oldest)
    return news
  }

  /** Whether files of this repository that are not on the device are passed through for now. */
  has(url: string): boolean {
    return this.why(url) !== undefined
  }

  /** The reason; undefined: they are not passed through. */
  why(url: string): string | undefined {
    const noted = this.#noted.get(repositoryOf(url))
    return noted && noted.until > this.#now() ? noted.why : undefined
  }
}

/** The unit of failure: a repository, or one folder of another server. */
function repositoryOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  const [repository] = /^.*?\/resolve(?=\/)/.exec(path) ?? []
  return repository ?? path.slice(0, path.lastIndexOf('/') + 1)
}
