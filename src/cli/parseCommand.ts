import { parseArgs } from 'node:util'
import { FerryError } from '../core/FerryError.ts'
import type { Command } from './Command.ts'
import type { GatewayFiles } from './GatewayFiles.ts'

const options = {
  script: { type: 'boolean' },
  'self-destroy': { type: 'boolean' },
  clear: { type: 'boolean' },
  port: { type: 'string' },
  'storage-port': { type: 'string' },
  host: { type: 'string' },
  'url-lifetime': { type: 'string' },
  controls: { type: 'boolean' },
  config: { type: 'string' },
  'shared-config': { type: 'string' },
  environment: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

const allowed: Readonly<Record<string, readonly string[]>> = {
  init: ['script'],
  remove: ['self-destroy', 'clear'],
  serve: [
    'port',
    'storage-port',
    'host',
    'url-lifetime',
    'controls',
    'config',
    'shared-config',
    'environment',
  ],
}

/**
 * Reads a command line.
 *
 * @param args what follows the program's name
 * @throws FerryError `configuration` that names what is wrong
 * @example parseCommand(['serve', 'models', '--port', '0'])
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args)
  if (values.help === true) return { name: 'help' }
  if (values.version === true) return { name: 'version' }
  const [name, folder, extra] = positionals
  if (name === undefined) return { name: 'help' }
  const known = allowed[name]
  if (known === undefined) throw wrong(`There is no command "${name}".`)
  const stray = Object.keys(values).find((option) => !known.includes(option))
  if (stray !== undefined) throw wrong(`--${stray} is no option of modelferry ${name}.`)
  if (extra !== undefined) throw wrong(`"${extra}" is one argument too many.`)
  if (name === 'init') return { name, folder, script: values.script ?? false }
  if (name === 'remove') return { name, folder, leave: leftBy(values) }
  if (folder === undefined || folder === '') throw wrong('Name the folder to serve.')
  const port = readNumber('port', values.port ?? '8787', 0, 65_535)
  const next = port === 0 || port === 65_535 ? 0 : port + 1
  return {
    name: 'serve',
    folder,
    port,
    storagePort: readNumber('storage-port', values['storage-port'] ?? String(next), 0, 65_535),
    host: values.host ?? '127.0.0.1',
    urlLifetimeMs:
      1000 * readNumber('url-lifetime', values['url-lifetime'] ?? '3600', 1, 31_536_000),
    controls: values.controls ?? false,
    ...gatewayOf(values),
  }
}

function parse(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (cause) {
    throw wrong((cause as Error).message)
  }
}

function leftBy(values: {
  readonly 'self-destroy'?: boolean | undefined
  readonly clear?: boolean | undefined
}): 'self-destroying' | 'clearing' | undefined {
  const { 'self-destroy': selfDestroy = false, clear = false } = values
  if (clear && !selfDestroy) {
    throw wrong('--clear says what a self-destroying worker does: add --self-destroy.')
  }
  if (!selfDestroy) return undefined
  return clear ? 'clearing' : 'self-destroying'
}

function gatewayOf(values: {
  readonly config?: string | undefined
  readonly 'shared-config'?: string | undefined
  readonly environment?: string | undefined
}): { gateway?: GatewayFiles } {
  const { config, 'shared-config': sharedConfig, environment } = values
  if (config === undefined) {
    const without = sharedConfig === undefined ? 'environment' : 'shared-config'
    if ((sharedConfig ?? environment) !== undefined) {
      throw wrong(`--${without} says something about a gateway: name its --config as well.`)
    }
    return {}
  }
  return {
    gateway: {
      config,
      ...(sharedConfig !== undefined && { sharedConfig }),
      ...(environment !== undefined && { environment }),
    },
  }
}

function readNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw wrong(`--${name} takes a whole number from ${least} to ${most}, not "${text}".`)
  }
  return value
}

function wrong(what: string): FerryError {
  return new FerryError('configuration', `${what} See modelferry --help.`)
}
