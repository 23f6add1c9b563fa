// The options of connect(): types, defaults and checks.
import { FerryError } from '../core/index.ts'
import type { FilePattern } from '../address/index.ts'
import type { SwParameters } from '../platform/index.ts'
import type { LoaderOptions } from '../protocol/index.ts'

/** Options of {@link connect}; every field has a default. */
export interface ConnectOptions extends LoaderOptions {
  /**
   * Path of the service worker file on this origin. Default: `/modelferry-sw.js`. `false`: no service worker; only
   * `ferry.fetch` and `ferry.prefetch` use modelferry then, the page's own fetches do not. A registration: that of
   * the app's own service worker, which contains modelferry by `install` of `modelferry/sw` or by `importScripts`.
   * The app decides when a version of it takes over; set `hubs`, `files`, `shell` and `runtimes` in the worker too.
   */
  readonly serviceWorker?: string | false | ServiceWorkerRegistration
  /** Scope to control. Default: the folder of the service worker file. */
  readonly scope?: string
  /**
   * Path of the loader worker file: same origin, within the scope. Default: `modelferry-worker.js` in the folder of
   * the service worker.
   */
  readonly worker?: string
  /** Endpoints whose resolve URLs are model files. Default: `['https://huggingface.co']`. */
  readonly hubs?: readonly string[]
  /**
   * Further files: whole URLs in which `*` matches anything. Default: none. Parameters with tokens and signatures do
   * not count for what a file is stored under. Where the path differs with every visit too, give `{ match, key }`. The
   * file is then stored under the key: a URL of the same origin in which `$1` stands for what the first `*` matched.
   * Files of the app's own origin that end in `.onnx` (and `.onnx_data`, `.onnx_data_1`, `.onnx.data`), `.gguf`,
   * `.safetensors`, `.task`, `.litertlm` or `.tflite` are included by default.
   */
  readonly files?: readonly FilePattern[]
  /**
   * Whether scripts and WebAssembly of known model runtimes are stored, when they come from a known CDN in an exact
   * version: such files never change. Default: true.
   */
  readonly runtimes?: boolean
  /** Paths of the app itself to store for offline use; `*` matches anything. Default: none. */
  readonly shell?: readonly string[]
  /**
   * The page of a single-page app, such as `/`: it is stored, and answers navigations to all other paths of the scope
   * when the network cannot. A response of the server is always used, a 404 too. Paths that look like a file are
   * excluded. Default: none.
   */
  readonly navigateFallback?: string | false
  /**
   * A token and the only origins to which it is sent. The function is called whenever a token is needed. When one of
   * the origins refuses it with 401, the function is called once more with `refused: true`: return a new token then.
   * With a different token the request is repeated once; otherwise the 401 is the response.
   */
  readonly auth?: {
    readonly token: (asked: {
      /** Whether the last token was refused. */
      readonly refused: boolean
    }) => string | undefined | Promise<string | undefined>
    readonly origins: readonly string[]
    /**
     * Returns the name of the signed-in user, in any text that never means two users; undefined: no user is signed in,
     * and no token is requested. Private files on the device are bound to the user who got them from the hub, by this
     * name: with a renewed token, and offline, the user still has access. When the name changes or is missing, also
     * after a reload, all earlier grants are deleted. The function is called for every file and must work without the
     * network. Only a digest of the name is stored.
     *
     * Default: files are bound to a digest of the token. A new token then costs one request to the hub per file, and
     * a missing token deletes no grants; `ferry.signOut()` does.
     * @example { token: () => session?.token, partition: () => session?.userId, origins }
     */
    readonly partition?: () => string | undefined | Promise<string | undefined>
  }
  /** A label for this app (`x-app-id`, referrer) and the only origins to which it is sent. */
  readonly frontend?: { readonly app: string; readonly origins: readonly string[] }
  /** Longest wait for the workers to be ready, milliseconds. Default: 10 000. */
  readonly timeoutMs?: number
}

/** Connect options with all defaults and absolute URLs. */
export interface Settings {
  /** Script URL without parameters; undefined: no service worker. */
  readonly serviceWorker: string | undefined
  /** Registration of the app's own service worker: none is registered then. */
  readonly registration?: ServiceWorkerRegistration
  readonly scope: string
  readonly worker: string
  readonly parameters: SwParameters
  /** As given. */
  readonly options: LoaderOptions
  readonly auth: ConnectOptions['auth']
  readonly frontend: ConnectOptions['frontend']
  readonly timeoutMs: number
}

/** Every option, and the names within it; the type makes a new option appear here. */
const optionNames: Readonly<Record<keyof ConnectOptions, readonly string[]>> = {
  serviceWorker: [],
  scope: [],
  worker: [],
  hubs: [],
  files: [],
  runtimes: [],
  shell: [],
  navigateFallback: [],
  auth: ['token', 'origins', 'partition'],
  frontend: ['app', 'origins'],
  retry: [],
  xet: [],
  endpoints: [],
  debug: [],
  timeoutMs: [],
}

/**
 * Adds defaults and checks the options, before anything is started.
 *
 * @param page URL of the page
 * @throws FerryError `configuration` naming the option
 */
export function resolveOptions(options: ConnectOptions, page: string): Settings {
  requireKnown('', options, Object.keys(optionNames))
  for (const name of ['auth', 'frontend'] as const)
    requireKnown(`${name}.`, options[name] ?? {}, optionNames[name])
  const { serviceWorker: given = '/modelferry-sw.js', auth, frontend, timeoutMs = 10_000 } = options
  const { runtimes = true, retry, xet, endpoints, debug } = options
  const registration = typeof given === 'object' ? given : undefined
  const serviceWorker = registration ? scriptOf(registration) : (given as string | false)
  const script =
    serviceWorker === false ? undefined : sameOrigin('serviceWorker', serviceWorker, page)
  const base = script ?? new URL('/', page).href
  if (auth && typeof auth.token !== 'function')
    throw wrong('auth.token', 'a function that gives the token', typeof auth.token)
  if (!['function', 'undefined'].includes(typeof auth?.partition))
    throw wrong('auth.partition', 'a function that says who is signed in', typeof auth?.partition)
  if (typeof runtimes !== 'boolean') throw wrong('runtimes', 'true or false', String(runtimes))
  if (!(timeoutMs > 0)) throw wrong('timeoutMs', 'a number above 0', String(timeoutMs))
  const worker = sameOrigin(
    'worker',
    options.worker ?? new URL('modelferry-worker.js', base).href,
    page,
  )
  const scope =
    registration?.scope ??
    sameOrigin('scope', options.scope ?? new URL('./', base).href, page, base)
  // Neither its pings nor, offline, the request for its file would reach the service worker.
  if (script !== undefined && !worker.startsWith(scope))
    throw wrong('worker', `within the scope ${scope}: copy files there`, worker)
  const hubs = texts('hubs', options.hubs ?? ['https://huggingface.co'])
  const shell = texts('shell', options.shell ?? [])
  const { navigateFallback } = options
  return {
    serviceWorker: script,
    ...(registration && { registration }),
    scope,
    worker,
    parameters: {
      hubs: hubs.map((hub) => address('hubs', hub, page).replace(/\/+$/, '')),
      files: filePatterns(options.files ?? [], page),
      // Without the stored loader a page cannot connect offline.
      shell: [worker, ...shell.map((path) => pattern(path, page))],
      worker,
      runtimes,
      navigateFallback: navigateFallback && sameOrigin('navigateFallback', navigateFallback, page),
      xet,
      endpoints,
    },
    options: { retry, xet, endpoints, debug },
    auth,
    frontend,
    timeoutMs,
  }
}

function requireKnown(prefix: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given))
    if (!known.includes(name))
      throw new FerryError(
        'configuration',
        `connect() has no option "${prefix}${name}". Known: ${known.join(', ')}.`,
      )
}

/** Script URL of a registration's service worker; empty: none. */
export function scriptOf({ installing, waiting, active }: ServiceWorkerRegistration): string {
  return (active ?? waiting ?? installing)?.scriptURL ?? ''
}

function wrong(option: string, wanted: string, seen: string): FerryError {
  return new FerryError('configuration', `connect(): ${option} has to be ${wanted}, not "${seen}".`)
}

function texts(option: string, values: unknown): string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values
  throw wrong(option, 'a list of texts', String(values))
}

function address(option: string, value: string, base: string): string {
  const url = URL.canParse(value, base) ? new URL(value, base) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url.href
  throw wrong(option, 'an http(s) address', value)
}

function sameOrigin(option: string, value: string, page: string, base: string = page): string {
  const url = address(option, value, base)
  if (new URL(url).origin === new URL(page).origin) return url
  throw wrong(option, 'on the origin of the page: copy files there', value)
}

function filePatterns(files: readonly FilePattern[], page: string): string[] {
  if (!Array.isArray(files)) throw wrong('files', 'a list', typeof files)
  return files.map((file: FilePattern) =>
    texts('files', typeof file === 'string' ? [file] : [file.match, file.key])
      .map((path) => pattern(path, page))
      .join(' '),
  )
}

/** Makes a pattern absolute. Whole URLs are unchanged. */
function pattern(path: string, page: string): string {
  return /^https?:/.test(path) ? path : new URL(path, page).href
}
