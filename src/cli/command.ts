import { FerryError } from '../core/index.ts'
import { parseArgs } from 'node:util'

/** What the user wants. */
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
      /** How long running requests may go on after SIGTERM. */
      readonly drainMs: number
      readonly controls: boolean
      /** Whether any token that begins with hf_ may write. */
      readonly open: boolean
      /** The gateway's files; without a `config` there is no gateway. */
      readonly gateway?: GatewayFiles
    }
  | {
      readonly name: 'init'
      /** Undefined: those remembered. */
      readonly folder: string | undefined
      /** Whether the page's script goes there too. */
      readonly script: boolean
    }
  | {
      readonly name: 'remove'
      readonly folder: string | undefined
      /** What is left in the service worker's place, to end it on devices; undefined: nothing. */
      readonly leave: 'self-destroying' | 'clearing' | undefined
    }

/** Where a gateway's configuration is read from. */
export interface GatewayFiles {
  /** Path of `gateway.json`. */
  readonly config: string
  /** Path of a file that several machines share; what the other says goes before it. */
  readonly sharedConfig?: string
  /** Which of the files' `environments` holds. */
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
    'config',
    'shared-config',
    'environment',
  ],
}

/**
 * Reads a command line.
 *
 * @param args what follows the program's name
 * @param variables of the process: MODELFERRY_LISTEN_PORT and MODELFERRY_LISTEN_HOST hold where no option is given
 * @throws FerryError `configuration` that names what is wrong
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
  const stray = Object.keys(values).find((option) => !known.includes(option))
  if (stray !== undefined) throw wrong(`--${stray} is no option of modelferry ${name}.`)
  if (extra !== undefined) throw wrong(`"${extra}" is one argument too many.`)
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
    throw wrong(`${name} takes a whole number from ${least} to ${most}, not "${text}".`)
  }
  return value
}

/** A Kubernetes Service called `modelferry-listen` sets a variable of the same name to an address. */
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

Copies modelferry-sw.js and modelferry-worker.js into the folder that your site serves at its top, and remembers
the folder in package.json. Without one: brings all copies up to date. Files of somebody else stay.

  --script                copy modelferry.js for a <script> tag as well

modelferry remove [<folder>]

Removes the copies again.

  --self-destroy          leave a modelferry-sw.js that ends the service worker on devices that have it
  --clear                 with it, what is stored on the device goes too

modelferry serve <folder>

Serves the model hub that is kept in <folder>; the folder is made when it is missing.
Upload with any client of the hub protocol and the token that is printed at the start.

  --port <n>              port of the hub (default 8787; 0: any free one)
  --storage-port <n>      port of presigned storage (default: the next one; 0: any free one)
  --host <address>        address to listen on (default 127.0.0.1)
  --url <origin>          public address of the hub, when a proxy is in front
  --storage-url <origin>  public address of presigned storage, when a proxy is in front (default: that of the hub,
                          which then serves presigned URLs too)
  --drain <s>             seconds that running requests get to finish after SIGTERM (default 10)
  --url-lifetime <s>      seconds a presigned URL is good for (default 3600, at least 1)
  --open                  let every token that begins with hf_ read and write everything, as for a demo
  --controls              answer /-/ to anybody: expire URLs, inject faults; for demos and tests
  --config <file>         put a gateway before the hub: who is asking, who waits, how long; see gateway.json
                          in the guide. SIGHUP reads the file again, without a restart
  --shared-config <file>  what several machines share; --config and MODELFERRY_ variables go before it
  --environment <name>    which of the files' environments holds
  --help, --version

MODELFERRY_LISTEN_PORT and MODELFERRY_LISTEN_HOST stand in for --port and --host.
`

/** Where a command writes. */
export interface Output {
  /** Writes a line for the user, or a line of the log. */
  readonly print: (line: string) => void
  /** Writes one that is no result. */
  readonly note: (line: string) => void
}
