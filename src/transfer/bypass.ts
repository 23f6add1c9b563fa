// Remembers for a few minutes which repositories could not be carried, so that their next requests do not wait for
// our way to fail again. One for each realm that answers requests; losing it costs one more bounded delay.

/** How long a repository is passed through, milliseconds. */
const bypassMs = 3 * 60_000
/** Repositories remembered at most; the oldest go. */
const most = 100

export class Bypass {
  readonly #noted = new Map<string, { readonly until: number; readonly why: string }>()
  readonly #now: () => number

  /** @param now local epoch milliseconds; another one only for tests */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /**
   * Notes that a file could not be carried while its page's own request was answered.
   *
   * @param why for people
   * @returns whether that is news
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

  /** Whether files of this repository are passed through for now, where they are not on the device. */
  has(url: string): boolean {
    return this.why(url) !== undefined
  }

  /** Why they are; undefined: they are not. */
  why(url: string): string | undefined {
    const noted = this.#noted.get(repositoryOf(url))
    return noted && noted.until > this.#now() ? noted.why : undefined
  }
}

/** What is likely to fail together: the files of a repository, or of one folder of another server. */
function repositoryOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  const [repository] = /^.*?\/resolve(?=\/)/.exec(path) ?? []
  return repository ?? path.slice(0, path.lastIndexOf('/') + 1)
}
