import { type GatewayConfig, loadConfig, parseJson } from '../config/index.ts'
import { FerryError } from '../core/index.ts'
import { type ConfiguredGateway, gatewayFromConfig, type GatewayParts } from '../gateway/index.ts'
import { type AccessToken, type HubFront, startHub } from '../hub/index.ts'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Decision } from '../auth/index.ts'
import type { GatewayFiles, Output, Command } from './command.ts'

/**
 * What a decision lets somebody do on the embedded hub, besides reading what is public: `read:` and `write:` scopes
 * of its token, each with a repository as `owner/name` or `*`. No token, no rights; a recognised page has none.
 *
 * @returns null: nothing
 * @example rightsOf({ ...decision, scope: ['read:*', 'write:me/vad'] }) // { read: ['*'], write: ['me/vad'] }
 */
export function rightsOf({
  tokenAuth,
  scope,
}: Pick<Decision, 'tokenAuth' | 'scope'>): Pick<AccessToken, 'read' | 'write'> | null {
  if (!tokenAuth) return null
  const named = (right: string): string[] =>
    scope.filter((item) => item.startsWith(right)).map((item) => item.slice(right.length))
  return { read: named('read:'), write: named('write:') }
}

/**
 * The embedded hub as a service behind a gateway. The decision goes with a request into the hub: as rights, and sealed
 * into the CAS tokens that the hub gives out, so that calls with these wait as their owner does. URLs of storage are
 * signed for each of those calls.
 *
 * By default what loads a file costs no start, since a model is many files; a listing or a change costs one.
 *
 * @param serve and `hub`: what a {@link HubFront} gets
 */
export function hubService(
  serve: Parameters<HubFront>[0],
  hub: Parameters<HubFront>[1],
): NonNullable<GatewayParts['hub']> {
  return {
    handle(request, { decision, carry }) {
      // Where the rules do not count yet, a token is nothing that the gateway has looked at: the hub does it.
      // Other schemes are no tokens, there and here.
      const sent = request.headers.get('authorization') ?? ''
      const unknown = !decision.tokenAuth && /^bearer /i.test(sent)
      return serve(request, unknown ? { carry } : { rights: rightsOf(decision), carry })
    },
    carried: (request) => hub.carried(request),
    cost: ({ url }) => (/^\/api\/(?!.*\/xet-(?:read|write)-token\/)/.test(pathOf(url)) ? 1 : 0),
    route: ({ url }) => routeOf(pathOf(url)),
    allowHeaders: ['accept', 'if-none-match', 'if-range', 'range', 'x-xet-session-id'],
  }
}

function pathOf(url: string): string {
  return new URL(url).pathname
}

/** A few patterns for the log: which repository and file it was is nobody's business. */
function routeOf(path: string): string {
  const verb =
    /^\/api\/(?:models|datasets|spaces)\/.*?\/(tree|revision|paths-info|preupload|commit|xet-read-token|xet-write-token)(?:\/|$)/.exec(
      path,
    )?.[1]
  if (verb !== undefined) return `/api/*/${verb}/*`
  if (path.startsWith('/api/')) return '/api/*'
  const cas = /^\/(v[12])\/(reconstructions|chunks|xorbs|files|shards)(?:\/|$)/.exec(path)
  if (cas) return `/${cas[1]}/${cas[2]}/*`
  const file = /\/(resolve|raw|info\/lfs)\//.exec(path)?.[1]
  return file === undefined ? '/*' : `/*/${file}/*`
}

/**
 * Reads a gateway's configuration: variables of the process, then the file, then the shared one, then defaults.
 *
 * @param variables of the process
 * @throws FerryError `configuration` that names the file and the entry
 */
export async function readGatewayConfig(
  { config, sharedConfig, environment }: GatewayFiles,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<GatewayConfig> {
  const local = await readJsonFile(config)
  const shared = sharedConfig === undefined ? undefined : await readJsonFile(sharedConfig)
  return loadConfig({
    process: variables,
    local,
    ...(shared !== undefined && { shared }),
    ...(environment !== undefined && { environment }),
    names: { local: config, ...(sharedConfig !== undefined && { shared: sharedConfig }) },
  })
}

async function readJsonFile(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new FerryError('configuration', `The file ${path} cannot be read (${why}).`, { cause })
  }
  return parseJson(text, path)
}

/** A gateway that stands before a hub from the moment the hub listens. */
export interface GatewayFront {
  readonly front: HubFront
  /** Reads the files again. What is wrong with them is noted, and the rules of before hold. */
  reload(): Promise<void>
  close(): void
}

/**
 * Reads a gateway's configuration, so that what is wrong with it is told before anything listens.
 *
 * @param files where it is
 * @param output `print` takes the lines of the log, `note` what an operator should know
 * @throws FerryError `configuration` that names the file and the entry
 */
export async function gatewayFront(files: GatewayFiles, output: Output): Promise<GatewayFront> {
  const { print, note } = output
  const config = await readGatewayConfig(files, process.env)
  let gateway: ConfiguredGateway | undefined
  return {
    front(serve, hub) {
      const started = gatewayFromConfig(config, {
        hub: hubService(serve, hub),
        write: (text) => print(text.trimEnd()),
        note,
        // Beside the lines of the log, and dated as they are.
        audit: ({ at, ...event }) =>
          print(JSON.stringify({ ts: new Date(at).toISOString(), ...event })),
      })
      gateway = started
      return (request, from) => started.fetch(request, from)
    },
    async reload() {
      try {
        gateway?.reload(await readGatewayConfig(files, process.env))
        note(`The gateway goes by ${files.config} as it is now.`)
      } catch (error) {
        note(
          `The gateway goes on as before. ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    },
    close: () => gateway?.close(),
  }
}

/**
 * Serves a hub until the process is told to end; behind a gateway, when a configuration of one is named.
 *
 * @param command from `parseCommand`
 * @param output where results and notes go
 * @param ended resolves when it is time to stop
 * @throws FerryError `configuration` when the folder, a port or the gateway's configuration cannot be used
 */
export async function serve(
  command: Extract<Command, { name: 'serve' }>,
  output: Output,
  ended: Promise<unknown>,
): Promise<void> {
  const { folder, gateway: files } = command
  const gateway = files === undefined ? undefined : await gatewayFront(files, output)
  const isNew = !existsSync(folder)
  const running = await startHub({
    ...command,
    note: (message) => output.note(message),
    // A CAS token carries its owner's standing: no longer than a verdict about a token is believed at most.
    ...(gateway && { front: gateway.front, tokenLifetimeMs: 300_000 }),
  })
  const reload = (): void => void gateway?.reload()
  if (gateway) process.on('SIGHUP', reload)
  if (isNew) output.note(`The folder ${folder} was missing, so it was made; the hub is empty.`)
  const behind = files === undefined ? '' : `, behind the gateway of ${files.config}`
  output.print(
    `modelferry serves ${folder} at ${running.url} (storage at ${running.storageUrl})${behind}`,
  )
  await ended
  process.off('SIGHUP', reload)
  gateway?.close()
  await running.close()
}
