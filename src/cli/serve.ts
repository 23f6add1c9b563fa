import {
  foreignVariables,
  gatewayVariables,
  loadConfig,
  parseJson,
  type GatewayConfig,
} from '../config/index.ts'
import { FerryError } from '../core/index.ts'
import { gatewayFromConfig, type ConfiguredGateway, type GatewayParts } from '../gateway/index.ts'
import { startHub, type AccessToken, type HubFront, type RequestKind } from '../hub/index.ts'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Decision } from '../auth/index.ts'
import type { GatewayFiles, Output, Command } from './command.ts'
import type { AddressInfo } from 'node:net'

/**
 * The rights of a decision on the embedded hub, besides reading public repositories: `read:` and `write:` scopes of
 * its token, each with a repository as `owner/name` or `*`. Without a token there are no rights; a recognised page
 * has none.
 *
 * @returns null: no rights
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
 * The embedded hub as a service behind a gateway. The decision is passed into the hub with each request: as rights,
 * and sealed into the CAS tokens that the hub issues, so that requests with these tokens count for their owner.
 * Storage URLs are signed for each of those requests.
 *
 * By default requests that load or upload a file cost no start, because a model has many files; all others cost one. What clients
 * send besides their work does not enter the queue: an anonymous client would wait for it longer than for its files.
 *
 * @param serve and `hub`: from a {@link HubFront}
 */
export function hubService(
  serve: Parameters<HubFront>[0],
  hub: Parameters<HubFront>[1],
): NonNullable<GatewayParts['hub']> {
  return {
    // During a rollout too: the hub never falls back to its own rule for tokens.
    handle: (request, { credential, carry }) =>
      serve(request, {
        rights: rightsOf(credential),
        ...(credential.subject !== null && { subject: credential.subject }),
        carry,
      }),
    carried: (request) => hub.carried(request),
    // The hub refuses callers without a CAS token for writing before it reads the body.
    streams: (request) => streamed.has(hub.kindOf(request)),
    unqueued: (request) => hub.kindOf(request) === 'optional',
    // Names of branches contain slashes: refs%2Fpr%2F1.
    encodedSlash: true,
    cost: (request) => (loading.has(hub.kindOf(request)) ? 0 : 1),
    // Not the path: which repository and file it was is not for the log.
    route: (request) => hub.kindOf(request),
  }
}

const streamed: ReadonlySet<RequestKind> = new Set(['xorb-upload', 'shard'])

/** Requests that load or upload a file. All others cost a start, including unknown paths and chunk queries. */
const loading: ReadonlySet<RequestKind> = new Set([
  ...streamed,
  'resolve',
  'raw',
  'token',
  'batch',
  'reconstruction',
  'file',
])

/**
 * Reads a gateway's configuration: environment variables, then the file, then the shared file, then the defaults.
 *
 * @param variables of the process
 * @throws FerryError `configuration` that names the file and the entry
 */
async function readGatewayConfig(
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
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = describeUnreadable(cause.code ?? String(cause), userName())
    throw new FerryError('configuration', `The configuration ${path}: ${why}.`, { cause })
  })
  return parseJson(text, path)
}

/** Says why a file cannot be read by a user. */
export function describeUnreadable(code: string, user: string): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder, and a file is expected'
  if (code === 'EACCES') return `the user ${user} may not read it, or not open its folder`
  return `it cannot be read (${code})`
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run with an id that has no name.
    return `${process.geteuid?.() ?? 'of this process'}`
  }
}

/** A gateway in front of a hub, from the moment the hub listens. */
interface GatewayFront {
  readonly front: HubFront
  /** Opens the port for counters, if the configuration sets one. */
  listen(): Promise<void>
  /** Reads the files again. Errors in them are reported, and the previous configuration stays. */
  reload(): Promise<void>
  close(): void
}

/**
 * Reads a gateway's configuration, so that its errors are reported before any port is opened.
 *
 * @param files its files
 * @param output `print` writes lines of the log, `note` messages for the operator
 * @param url public origin of the server, if `--url` states it
 * @throws FerryError `configuration` that names the file and the entry
 */
export async function gatewayFront(
  files: GatewayFiles,
  output: Output,
  url?: string,
): Promise<GatewayFront> {
  const { print, note } = output
  const read = async (): Promise<GatewayConfig> => {
    const config = await readGatewayConfig(files, process.env)
    const { publicUrl } = config
    if (url !== undefined && publicUrl !== undefined && new URL(publicUrl).origin !== url) {
      note(`publicUrl is ${publicUrl}, but --url is ${url}, which counts. Remove one of them.`)
    }
    return config
  }
  let config = await read()
  let gateway: ConfiguredGateway | undefined
  // One reload at a time: files that were read earlier never replace newer ones.
  let reloading = Promise.resolve()
  let counters: { close(): void } | undefined
  const reload = async (): Promise<void> => {
    try {
      const next = await read()
      // Before the hub listens there is no gateway; it starts with what was read last.
      gateway?.reload(next)
      config = next
      note(`The gateway now uses the new ${files.config}.`)
    } catch (error) {
      note(
        `The gateway keeps its previous configuration and runs on; correct the file and send SIGHUP again. ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  return {
    front(serve, hub) {
      const started = gatewayFromConfig(config, {
        hub: hubService(serve, hub),
        write: (text) => print(text.trimEnd()),
        note,
        ...(url !== undefined && { url }),
        // Written to the log, with its time format.
        audit: ({ at, ...event }) =>
          print(JSON.stringify({ ts: new Date(at).toISOString(), ...event })),
      })
      gateway = started
      return (request, from) => started.fetch(request, from)
    },
    async listen() {
      const { port } = config.metrics
      if (port === undefined) return
      const opened = await listenForMetrics(
        port,
        async (request) => (await gateway?.metrics(request)) ?? new Response(null, { status: 503 }),
      )
      counters = opened
      note(`Counters are at ${opened.url}/metrics and ${opened.url}/usage.`)
    },
    reload() {
      reloading = reloading.then(reload)
      return reloading
    },
    close() {
      counters?.close()
      gateway?.close()
    },
  }
}

/**
 * Serves a hub until the process is asked to stop, behind a gateway if its configuration is given.
 *
 * @param command from `parseCommand`
 * @param output for results and messages
 * @param ended resolves when it is time to stop
 * @throws FerryError `configuration` when the folder, a port or the gateway's configuration cannot be used
 */
export async function serve(
  command: Extract<Command, { name: 'serve' }>,
  output: Output,
  ended: Promise<unknown>,
): Promise<void> {
  const { gateway: files } = command
  const gateway = files && (await gatewayFront(files, output, command.url))
  const reload = (): void => void gateway?.reload()
  // Before the hub opens: without a handler the signal would end the process.
  if (gateway) process.on('SIGHUP', reload)
  try {
    await serveUntil(ended, command, output, gateway)
  } finally {
    process.off('SIGHUP', reload)
  }
}

async function serveUntil(
  ended: Promise<unknown>,
  command: Extract<Command, { name: 'serve' }>,
  output: Output,
  gateway: GatewayFront | undefined,
): Promise<void> {
  const { folder, gateway: files } = command
  const foreign = foreignVariables(process.env)
  if (foreign.length > 0) {
    output.note(
      `Ignored, because a cluster sets them for a service of this name: ${foreign.join(', ')}. Set enableServiceLinks: false, or name the service differently.`,
    )
  }
  const unused = files === undefined ? gatewayVariables(process.env) : []
  if (unused.length > 0) {
    output.note(
      `Ignored, because only a gateway reads them: ${unused.join(', ')}. Add --config with its file, or remove them.`,
    )
  }
  const isNew = !existsSync(folder)
  const running = await startHub({
    ...command,
    note: (message) => output.note(message),
    // A CAS token carries its owner's decision. So it lives no longer than a verdict may be used.
    ...(gateway && { front: gateway.front, tokenLifetimeMs: 300_000 }),
  })
  try {
    await gateway?.listen()
  } catch (error) {
    await running.close()
    throw error
  }
  if (isNew) output.note(`The folder ${folder} was missing and has been created; the hub is empty.`)
  const behind = files === undefined ? '' : `, behind the gateway of ${files.config}`
  output.print(
    `modelferry serves ${folder} at ${running.url} (storage at ${running.storageUrl})${behind}`,
  )
  if (running.hub.writeToken !== undefined && files === undefined) {
    output.note(
      `To write, use the token ${running.hub.writeToken} (new at each start; --open: any hf_ token)`,
    )
  }
  const { host, open } = command
  if (files === undefined && !isLoopback(host)) {
    output.note(
      open
        ? `--open on ${host}: every client that reaches this address may write and delete every repository. Leave out --open, or use --config with tokens.`
        : `Without --config, clients that reach ${host} may read every public repository without a token, as often as they like. See docs/deploy.md.`,
    )
  }
  await ended
  // Requests that wait in the queue are refused at once; running ones get time to finish.
  gateway?.close()
  const cut = await running.stop(command.drainMs)
  if (cut > 0) output.note(`${cut} requests were still running and were aborted.`)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/**
 * Serves counters on 127.0.0.1.
 *
 * @param port to listen on; 0: any free one
 * @param answer answers a request, see `ConfiguredGateway.metrics`
 * @returns its origin, and a function that closes it
 * @throws FerryError `configuration` when the port cannot be used
 * @example await listenForMetrics(9464, (request) => gateway.metrics(request))
 */
async function listenForMetrics(
  port: number,
  answer: (request: Request) => Promise<Response>,
): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((incoming, outgoing) => void respond(incoming, outgoing, answer))
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `Cannot listen on 127.0.0.1:${port} for metrics (${cause.code ?? cause.message}). Change metrics.port.`
      reject(new FerryError('configuration', message, { cause }))
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function respond(
  { url = '/', headers }: IncomingMessage,
  outgoing: ServerResponse,
  answer: (request: Request) => Promise<Response>,
): Promise<void> {
  try {
    const sent = Object.entries(headers).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    )
    const target = new URL(url, `http://${headers.host ?? 'unknown'}`)
    const response = await answer(new Request(target, { headers: sent }))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(await response.text())
  } catch {
    // A request target or a Host that forms no URL.
    outgoing.writeHead(400).end()
  }
}
