import { FerryError } from '../core/index.ts'
import { parseArgs } from 'node:util'

/** A parsed command line. */
export type Command =
  | { readonly name: 'help' | 'version' }
  | {
      readonly name: 'serve'
      readonly folder: string
      readonly port: number
      readonly storagePort: number
      readonly host: string
      /** Public origin of the hub, behind a proxy. */
      readonly url?: string
      /** Public origin of presigned storage, behind a proxy. */
      readonly storageUrl?: string
      readonly urlLifetimeMs: number
      /** Time for running requests to finish after SIGTERM, milliseconds. */
      readonly drainMs: number
      readonly controls: boolean
      /** Whether any token that begins with hf_ may write. */
      readonly open: boolean
      /** Whether folders are answered with pages of links. */
      readonly listings: boolean
      /** The gateway's files; without a `config` there is no gateway. */
      readonly gateway?: GatewayFiles
    }
  | {
      readonly name: 'init'
      /** Undefined: the folders in package.json. */
      readonly folder: string | undefined
      /** Whether the page's script is copied too. */
      readonly script: boolean
    }
  | {
      readonly name: 'remove'
      readonly folder: string | undefined
      /** The file that replaces the service worker, to unregister it on devices; undefined: none. */
      readonly leave: 'self-destroying' | 'clearing' | undefined
    }

/** The files of a gateway's configuration. */
export interface GatewayFiles {
  /** Path of `gateway.json`. */
  readonly config: string
  /** Path of a file that several machines share; `config` overrides it. */
  readonly sharedConfig?: string
  /** The chosen entry of the files' `environments`. */
  readonly environment?: string
}

const options = {
  script: { type: 'boolean' },
  'self-destroy': { type: 'boolean' },
  clear: { type: 'boolean' },
  port: { type: 'string' },
  'storage-port': { type: 'string' },
  host: { type: 'string' },
  url: { type: 'string' },
  'storage-url': { type: 'string' },
  drain: { type: 'string' },
  'url-lifetime': { type: 'string' },
  controls: { type: 'boolean' },
  open: { type: 'boolean' },
  listings: { type: 'boolean' },
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
    'url',
    'storage-url',
    'drain',
    'url-lifetime',
    'controls',
    'open',
    'listings',
    'config',
    'shared-config',
    'environment',
  ],
}

/**
 * Reads a command line.
 *
 * @param args arguments after the program's name
 * @param variables environment: MODELFERRY_LISTEN_PORT and MODELFERRY_LISTEN_HOST apply without the options
 * @throws FerryError `configuration` that names the wrong argument
 * @example parseCommand(['serve', 'models', '--port', '0'])
 */
export function parseCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>> = {},
): Command {
  const { values, positionals } = parse(args)
  if (values.help === true) return { name: 'help' }
  if (values.version === true) return { name: 'version' }
  const [name, folder, extra] = positionals
  if (name === undefined) return { name: 'help' }
  const known = allowed[name]
  if (known === undefined) throw wrong(`There is no command "${name}".`)
  const unknown = Object.keys(values).find((option) => !known.includes(option))
  if (unknown !== undefined) throw wrong(`--${unknown} is not an option of modelferry ${name}.`)
  if (extra !== undefined) throw wrong(`"${extra}" is an unexpected argument.`)
  if (name === 'init') return { name, folder, script: values.script ?? false }
  if (name === 'remove') return { name, folder, leave: leftBy(values) }
  if (folder === undefined || folder === '') throw wrong('Name the folder to serve.')
  const port =
    values.port === undefined
      ? readNumber(
          'MODELFERRY_LISTEN_PORT',
          own(variables['MODELFERRY_LISTEN_PORT']) ?? '8787',
          0,
          65_535,
        )
      : readNumber('--port', values.port, 0, 65_535)
  const next = port === 0 || port === 65_535 ? 0 : port + 1
  if (port !== 0 && values['storage-port'] === String(port))
    throw wrong(`--port and --storage-port are both ${port}. Give them different ports.`)
  return {
    name: 'serve',
    folder,
    port,
    storagePort: readNumber('--storage-port', values['storage-port'] ?? String(next), 0, 65_535),
    host: values.host ?? own(variables['MODELFERRY_LISTEN_HOST']) ?? '127.0.0.1',
    ...(values.url !== undefined && { url: readOrigin('--url', values.url) }),
    ...(values['storage-url'] !== undefined && {
      storageUrl: readOrigin('--storage-url', values['storage-url']),
    }),
    urlLifetimeMs:
      1000 * readNumber('--url-lifetime', values['url-lifetime'] ?? '3600', 1, 31_536_000),
    drainMs: 1000 * readNumber('--drain', values.drain ?? '10', 0, 3600),
    controls: values.controls ?? false,
    open: values.open ?? false,
    listings: values.listings ?? false,
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
    throw wrong('--clear works only with --self-destroy: add it.')
  }
  if (!selfDestroy) return undefined
  return clear ? 'clearing' : 'self-destroying'
}

function gatewayOf(values: {
  readonly config?: string | undefined
  readonly 'shared-config'?: string | undefined
  readonly environment?: string | undefined
  readonly open?: boolean | undefined
}): { gateway?: GatewayFiles } {
  const { config, 'shared-config': sharedConfig, environment } = values
  if (config === undefined) {
    const without = sharedConfig === undefined ? 'environment' : 'shared-config'
    if ((sharedConfig ?? environment) !== undefined) {
      throw wrong(`--${without} is for a gateway: add --config with its file.`)
    }
    return {}
  }
  if (values.open === true) {
    throw wrong(
      '--open has no effect with --config: only the tokens of its file give rights. Leave out one of them.',
    )
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
    throw wrong(`${name} takes a whole number from ${least} to ${most}, not "${text}".`)
  }
  return value
}

/** A Kubernetes Service called `modelferry-listen` sets a variable of the same name to a URL. */
function own(text: string | undefined): string | undefined {
  return text === '' || text?.includes('://') ? undefined : text
}

function readOrigin(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!isWeb || text.replace(/\/$/, '').toLowerCase() !== url.origin) {
    throw wrong(`${name} takes an origin such as https://models.example, not "${text}".`)
  }
  return url.origin
}

function wrong(what: string): FerryError {
  return new FerryError('configuration', `${what} See modelferry --help.`)
}

/** What `modelferry --help` prints. */
export const helpText: string = `modelferry init [<folder>]

Copies modelferry-sw.js and modelferry-worker.js into the folder that your site serves at its root, and records
the folder in package.json. Without a folder: updates all copies. Foreign files are never changed.

  --script                also copy modelferry.js for a <script> tag

modelferry remove [<folder>]

Removes the copies again.

  --self-destroy          leave a modelferry-sw.js that unregisters the service worker on devices that have it
  --clear                 with --self-destroy: also delete the stored files from the devices

modelferry serve <folder>

Serves the model hub in <folder>; a missing folder is created. Files that are put there by hand are
not served: upload them with any client of the hub protocol and the token that is printed at start.

  --port <n>              port of the hub (default 8787; 0: any free one)
  --storage-port <n>      port of presigned storage (default: the next one; 0: any free one)
  --host <address>        address to listen on (default 127.0.0.1)
  --url <origin>          public URL of the hub, behind a proxy
  --storage-url <origin>  public URL of presigned storage, behind a proxy (default: that of the hub,
                          which then serves presigned URLs too)
  --drain <s>             seconds for running requests to finish after SIGTERM (default 10)
  --url-lifetime <s>      lifetime of a presigned URL in seconds (default 3600, at least 1)
  --open                  let every token that begins with hf_ read and write everything, for demos
  --listings              answer folders with pages of links, for wget -r and rclone :http:
  --controls              answer /-/ without authentication: expire URLs, inject faults; for demos and tests
  --config <file>         put a gateway in front of the hub: authentication and queueing; see
                          docs/gateway-config.md. SIGHUP reads the file again, without a restart
  --shared-config <file>  configuration that several machines share; --config and MODELFERRY_ variables override it
  --environment <name>    the entry of the files' environments to use
  --help, --version

MODELFERRY_LISTEN_PORT and MODELFERRY_LISTEN_HOST replace --port and --host.
`

/** Output of a command. */
export interface Output {
  /** Writes a line for the user, or a line of the log. */
  readonly print: (line: string) => void
  /** Writes a message that is not a result. */
  readonly note: (line: string) => void
}
