import { FerryError } from '../core/index.ts'
import type { ConnectOptions } from '../page/index.ts'

/** Options of the Vite plugin; every field has a default. */
export interface PluginOptions {
  /** Path of the service worker file below the base; the loader worker is in the same folder. Default: `modelferry-sw.js`. */
  readonly filename?: string
  /**
   * Path that the service worker controls, from the base. Default: the base. When it is above the file's own folder,
   * the server must send the header `Service-Worker-Allowed`, as the development and preview servers do.
   */
  readonly scope?: string
  /**
   * How pages connect. `script`: by a tag at the start of the head that delays the page's fetches until then
   * (`data-auto`); `script-defer`: by the same tag, deferred; `inline`: by a script within the page; `null`: not at
   * all, the app calls `connect` of `virtual:modelferry`. Default: `auto`, which is `null` when the app imports that
   * module, else `script`.
   */
  readonly injectRegister?: 'auto' | 'inline' | 'script' | 'script-defer' | null
  /**
   * What an open page does when a newer version takes over. `prompt`: it continues, dispatches the event
   * `modelferry:update` on `window`, and the app decides when to call `location.reload()`; `autoUpdate`: the page
   * reloads. Default: `prompt`.
   */
  readonly registerType?: 'prompt' | 'autoUpdate'
  /**
   * Whether there is a service worker in development. Without it only `ferry.fetch` uses modelferry, and a service
   * worker from an earlier run is unregistered. Default: true.
   */
  readonly dev?: boolean
  /** Options for {@link connect} that can be serialised; pass functions to `connect` in the app. */
  readonly connect?: Pick<
    ConnectOptions,
    | 'hubs'
    | 'files'
    | 'runtimes'
    | 'shell'
    | 'navigateFallback'
    | 'frontend'
    | 'retry'
    | 'xet'
    | 'endpoints'
    | 'debug'
    | 'timeoutMs'
  >
}

/** Plugin options with every default filled in. */
export interface PluginSettings extends Required<Omit<PluginOptions, 'scope'>> {
  readonly scope: string | undefined
  /** Folder of the files below the base, empty or with a trailing slash. */
  readonly folder: string
}

const registerModes = ['auto', 'inline', 'script', 'script-defer', null] as const
const types = ['prompt', 'autoUpdate'] as const
const written = [
  'hubs',
  'files',
  'runtimes',
  'shell',
  'navigateFallback',
  'frontend',
  'retry',
  'xet',
  'endpoints',
  'debug',
  'timeoutMs',
]

/**
 * Adds defaults and checks the options, when the configuration is read.
 *
 * @throws FerryError `configuration` naming the option
 */
export function resolvePluginOptions(options: PluginOptions): PluginSettings {
  const { filename = 'modelferry-sw.js', scope, dev = true, connect = {} } = options
  const { injectRegister = 'auto', registerType = 'prompt' } = options
  if (!/^(?:[\w.-]+\/)*[\w.-]+\.js$/.test(filename) || /(?:^|\/)\.\.?\//.test(filename)) {
    throw wrong(
      'filename',
      'a path below the base that ends in .js, without a leading slash',
      filename,
    )
  }
  if (!registerModes.includes(injectRegister)) {
    throw wrong(
      'injectRegister',
      "'auto', 'inline', 'script', 'script-defer' or null",
      injectRegister,
    )
  }
  if (!types.includes(registerType)) {
    throw wrong('registerType', "'prompt' or 'autoUpdate'", registerType)
  }
  if (typeof dev !== 'boolean') throw wrong('dev', 'true or false', dev)
  const unknown = Object.keys(connect).find((name) => !written.includes(name))
  if (unknown !== undefined) {
    throw wrong(
      `connect.${unknown}`,
      'omitted here: set filename and scope of the plugin, and pass functions such as auth.token to connect() of virtual:modelferry',
      typeof (connect as Record<string, unknown>)[unknown],
    )
  }
  const folder = filename.slice(0, filename.lastIndexOf('/') + 1)
  return { filename, scope, folder, dev, connect, injectRegister, registerType }
}

function wrong(option: string, wanted: string, seen: unknown): FerryError {
  return new FerryError(
    'configuration',
    `modelferry() in the Vite configuration: ${option} has to be ${wanted}; it is ${JSON.stringify(seen)}.`,
  )
}
