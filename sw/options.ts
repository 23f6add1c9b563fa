import { decodeSwParameters, type SwParameters } from '../src/core/index.ts'

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

/**
 * What connect() asked of a service worker that it registered; nothing where somebody else did.
 *
 * @param script where the service worker began
 */
export function askedOptions(script: string): InstallOptions {
  const { worker, navigateFallback = false, ...asked } = decodeSwParameters(script)
  // An app's own script may have a parameter of that name; connect() writes a whole address.
  return worker !== undefined && URL.canParse(worker) ? { ...asked, worker, navigateFallback } : {}
}

/**
 * What the service worker is to answer, with defaults filled in and addresses made absolute.
 *
 * @param script where the service worker began
 */
export function installParameters(options: InstallOptions, script: string): SwParameters {
  const { hubs = ['https://huggingface.co'], files = [], shell = [], runtimes = true } = options
  const { worker: given = 'modelferry-worker.js', navigateFallback } = options
  const worker = given === false ? undefined : new URL(given, script).href
  const { origin } = new URL(script)
  // `new URL` would resolve dots in a pattern, and escape what a pattern may hold.
  const absolute = (path: string): string => (path.startsWith('/') ? origin + path : path)
  return {
    hubs: hubs.map((hub) => absolute(hub).replace(/\/+$/, '')),
    files: files.map(absolute),
    shell: [...new Set([...(worker === undefined ? [] : [worker]), ...shell.map(absolute)])],
    ...(worker !== undefined && { worker }),
    runtimes,
    ...(navigateFallback && { navigateFallback: new URL(navigateFallback, script).href }),
    origin,
  }
}
