import { FerryError } from '../core/index.ts'
import type { ConnectOptions } from '../page/index.ts'

/** What the Vite plugin may be told; every field has a default. */
export interface PluginOptions {
  /** Where the service worker file lies below the base, the loader worker beside it. Default: `modelferry-sw.js`. */
  readonly filename?: string
  /**
   * What it controls, from the base. Default: the base. Above the file's own folder, the server has to send the header
   * `Service-Worker-Allowed`, as the development and preview servers do.
   */
  readonly scope?: string
  /**
   * How pages connect. `script`: by a tag at the head's begin that holds the page's fetches meanwhile (`data-auto`);
   * `script-defer`: by the same tag, later; `inline`: by the script within the page; `null`: not at all, the app
   * calls `connect` of `virtual:modelferry`. Default: `auto`, which is `null` where the app imports that and
   * `script` where it does not.
   */
  readonly injectRegister?: 'auto' | 'inline' | 'script' | 'script-defer' | null
  /**
   * What an open page does when a newer version takes over. `prompt`: it goes on, hears the event `modelferry:update`
   * on `window`, and decides when to call `location.reload()`; `autoUpdate`: it is loaded again. Default: `prompt`.
   */
  readonly registerType?: 'prompt' | 'autoUpdate'
  /**
   * Whether there is a service worker in development. Without it only `ferry.fetch` carries, and one that is there
   * from before is ended. Default: true.
   */
  readonly dev?: boolean
  /** Options for {@link connect} that can be written down; functions are given to `connect` in the app. */
  readonly connect?: Pick<
    ConnectOptions,
    | 'hubs'
    | 'files'
    | 'runtimes'
    | 'shell'
    | 'navigateFallback'
    | 'frontend'
    | 'retry'
    | 'timeoutMs'
  >
}

/** Plugin options with every default filled in. */
export interface PluginSettings extends Required<Omit<PluginOptions, 'scope'>> {
  readonly scope: string | undefined
  /** Folder of the files below the base, empty or with a slash at its end. */
  readonly folder: string
}

const ways = ['auto', 'inline', 'script', 'script-defer', null] as const
const types = ['prompt', 'autoUpdate'] as const
const written = [
  'hubs',
  'files',
  'runtimes',
  'shell',
  'navigateFallback',
  'frontend',
  'retry',
  'timeoutMs',
]

/**
 * Fills in defaults and refuses what cannot work, when the configuration is read.
 *
 * @throws FerryError `configuration` naming the option
 */
export function resolvePluginOptions(options: PluginOptions): PluginSettings {
  const { filename = 'modelferry-sw.js', scope, dev = true, connect = {} } = options
  const { injectRegister = 'auto', registerType = 'prompt' } = options
  if (!/^(?:[\w.-]+\/)*[\w.-]+\.js$/.test(filename) || /(?:^|\/)\.\.?\//.test(filename)) {
    throw wrong(
      'filename',
      'a path below the base that ends in .js, without a slash first',
      filename,
    )
  }
  if (!ways.includes(injectRegister)) {
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
  const stray = Object.keys(connect).find((name) => !written.includes(name))
  if (stray !== undefined) {
    throw wrong(
      `connect.${stray}`,
      'left out here: files are placed by filename and scope, and functions such as auth.token are given to connect() of virtual:modelferry',
      typeof (connect as Record<string, unknown>)[stray],
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
