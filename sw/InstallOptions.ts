/** What a service worker of somebody's own tells modelferry; every field has a default. */
export interface InstallOptions {
  /** Endpoints whose resolve URLs are model files. Default: `['https://huggingface.co']`. */
  readonly hubs?: readonly string[]
  /** Further files: whole URLs, or paths of this site, in which `*` stands for anything. Default: none. */
  readonly files?: readonly string[]
  /** Paths of the app itself to keep for offline use, `*` stands for anything. Default: none. */
  readonly shell?: readonly string[]
  /** The page that stands for visits which the network cannot answer, as in `connect()`. Default: none. */
  readonly navigateFallback?: string | false
  /** Whether runtimes from known CDNs are kept, by version. Default: true. */
  readonly runtimes?: boolean
  /**
   * Where the loader worker file lies: it is kept, as a page cannot connect offline without it, and
   * `modelferry-sw.js` has its engine from there. `false` leaves the file to the host, and what needs an engine to
   * the network where no loader is open. Default: `modelferry-worker.js` beside the service worker.
   */
  readonly worker?: string | false
}
