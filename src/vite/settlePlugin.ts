import { FerryError } from '../core/FerryError.ts'
import type { PluginOptions } from './PluginOptions.ts'
import type { PluginSettings } from './PluginSettings.ts'

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
export function settlePlugin(options: PluginOptions): PluginSettings {
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
