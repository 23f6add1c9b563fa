import {
  decodeSwParameters,
  FerryError,
  type FilePattern,
  type SwParameters,
} from '../src/core/index.ts'

/** Options of `install` for an app's own service worker; every field has a default. */
export interface InstallOptions {
  /** Endpoints whose resolve URLs are model files. Default: `['https://huggingface.co']`. */
  readonly hubs?: readonly string[]
  /** Further files, as in `connect()`: whole URLs, or paths of this site, in which `*` matches anything. Default: none. */
  readonly files?: readonly FilePattern[]
  /** Paths of the app itself to store for offline use; `*` matches anything. Default: none. */
  readonly shell?: readonly string[]
  /** The page for navigations that the network cannot answer, as in `connect()`. Default: none. */
  readonly navigateFallback?: string | false
  /** Whether runtimes from known CDNs are stored, by version. Default: true. */
  readonly runtimes?: boolean
  /**
   * URL of the loader worker file, on the origin of the service worker. The file is stored, because a page cannot
   * connect offline without it, and `modelferry-sw.js` imports its engine from it. `false`: the host stores the file,
   * and requests that need an engine go to the network while no loader is open. Default: `modelferry-worker.js` in
   * the folder of the service worker.
   */
  readonly worker?: string | false
}

/**
 * Reads the options that connect() wrote into the script URL; none when the app registered the script itself.
 *
 * @param script URL of the service worker
 * @throws FerryError `configuration` when the URL names a loader worker of another origin
 */
export function askedOptions(script: string): InstallOptions {
  const { worker, navigateFallback = false, ...asked } = decodeSwParameters(script)
  // An app's own script may have a parameter of that name; connect() writes an absolute URL.
  if (worker === undefined || !URL.canParse(worker)) return {}
  return { ...asked, worker: sameOrigin(worker, script), navigateFallback }
}

/**
 * Adds defaults and makes URLs absolute.
 *
 * @param script URL of the service worker
 * @throws FerryError `configuration` for a loader worker of another origin: its code would run in this one
 */
export function installParameters(options: InstallOptions, script: string): SwParameters {
  const { hubs = ['https://huggingface.co'], files = [], shell = [], runtimes = true } = options
  const { worker: given = 'modelferry-worker.js', navigateFallback } = options
  const worker = given === false ? undefined : sameOrigin(given, script)
  const { origin } = new URL(script)
  // `new URL` would resolve dots in a pattern and escape its characters.
  const absolute = (path: string): string => (path.startsWith('/') ? origin + path : path)
  return {
    hubs: hubs.map((hub) => absolute(hub).replace(/\/+$/, '')),
    files: files.map((file) =>
      typeof file === 'string' ? absolute(file) : `${absolute(file.match)} ${absolute(file.key)}`,
    ),
    shell: [...new Set([...(worker === undefined ? [] : [worker]), ...shell.map(absolute)])],
    ...(worker !== undefined && { worker }),
    runtimes,
    ...(navigateFallback && { navigateFallback: new URL(navigateFallback, script).href }),
    origin,
  }
}

function sameOrigin(worker: string, script: string): string {
  const { origin, href } = new URL(worker, script)
  if (origin === new URL(script).origin) return href
  throw new FerryError(
    'configuration',
    `The loader worker has to be on the origin of the service worker: copy the file there. "worker" is ${href}.`,
  )
}
