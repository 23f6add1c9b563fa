// The HTTP server under hub and gateway. It passes requests to a fetch handler, writes responses, limits idle uploads,
// and drains before it closes. startHub, at the end, opens two of them: hub and CAS on one port, presigned storage on
// the other.
import { FerryError } from '../core/index.ts'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { assembleHub } from './create-hub.ts'
import { isStored } from './routing.ts'
import type { AddressInfo } from 'node:net'
import type { HubFront, HubOptions, RunningHub } from './hub.ts'

/** A server that listens. */
export interface HttpServer {
  readonly port: number
  /**
   * Stops listening, answers further requests on open connections with 503, and waits for running ones.
   *
   * @param ms time limit, milliseconds; requests that still run then are aborted
   * @returns number of aborted requests
   */
  drain(ms: number): Promise<number>
  /** Ends all connections, the busy ones too. */
  close(): Promise<void>
}

interface Place {
  /** 0: any free one. */
  readonly port: number
  /** Address to listen on. */
  readonly host: string
  /** Purpose of the port, for errors. */
  readonly use?: string
}

/**
 * Serves a fetch handler over HTTP.
 *
 * @param handler answers every request; `peer` is the address of the socket's other end
 * @param place `idleMs`: longest time without a byte of an upload, five times as long for a download. Their total time is
 *   not limited
 * @throws FerryError `configuration` when the port is taken or the address cannot be used
 */
export async function listen(
  handler: (request: Request, from: { readonly peer: string | null }) => Promise<Response>,
  { idleMs, ...place }: Place & { readonly idleMs: number },
): Promise<HttpServer> {
  const running = new Map<ServerResponse, Upload>()
  let draining = false
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const peer = incoming.socket.remoteAddress ?? null
      await sendAnswer(await handler(request, { peer }), outgoing as ServerResponse)
      return RESPONSE_ALREADY_SENT
    },
    { overrideGlobalObjects: false },
  )
  const server = createServer(
    // Node's default of 5 minutes for a whole request would end uploads of large models.
    { requestTimeout: 0, headersTimeout: 60_000, keepAlive: true, keepAliveInitialDelay: 30_000 },
    (incoming, outgoing) => {
      const refused = draining ? closing : unacceptable(incoming)
      if (refused !== undefined) return refuse(outgoing, refused)
      const since = performance.now()
      running.set(outgoing, { incoming, bytes: 0, since, written: 0, readAt: since })
      outgoing.once('close', () => {
        running.delete(outgoing)
        if (draining) server.closeIdleConnections()
      })
      void listener(incoming, outgoing)
    },
  )
  // Clients compute for seconds between two uploads; Node's default of 5 s would close connections that they are about to use.
  server.keepAliveTimeout = keepAliveMs
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new FerryError('configuration', describeListenError(cause, place), { cause }))
    })
    server.listen(place.port, place.host, resolve)
  })

  const watch = setInterval(
    () => {
      for (const [outgoing, upload] of running) {
        if (isIdle(upload, idleMs)) refuse(outgoing, idle)
        if (isUnread(outgoing, upload, idleMs * UNREAD)) outgoing.destroy()
      }
    },
    Math.min(5000, idleMs / 4),
  )
  watch.unref()
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      clearInterval(watch)
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    port: (server.address() as AddressInfo).port,
    close,
    async drain(ms) {
      draining = true
      server.close()
      for (const outgoing of running.keys()) ending.add(outgoing)
      const until = performance.now() + ms
      while (running.size > 0 && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(20, ms)))
      }
      const cut = running.size
      await close()
      return cut
    },
  }
}

/** Explains why a port cannot be opened, by the error from Node. */
export function describeListenError(
  { code, message }: Pick<NodeJS.ErrnoException, 'code' | 'message'>,
  { port, host, use }: Place,
): string {
  const which = use === undefined ? '' : `, the port of ${use}`
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use${which}. Stop the process that uses it, or choose another port.`
  }
  const why = `Cannot listen on ${host}:${port}${which} (${code ?? message}).`
  if (code !== 'EACCES' || port >= 1024) return why
  return `${why} Ports below 1024 need the rights of root or CAP_NET_BIND_SERVICE. Choose another, with a proxy in front.`
}

/**
 * Writes a response to its connection, with back-pressure. A body that fails midway ends as a broken connection: a
 * normal end would look like the complete file.
 *
 * @param response its body is read here, and cancelled when the connection closes
 * @param outgoing to write to; nothing is written when it has an answer already
 * @returns resolves when writing has ended; rejects only before anything was written
 */
export async function sendAnswer(response: Response, outgoing: ServerResponse): Promise<void> {
  const reader = response.body?.getReader()
  if (outgoing.headersSent) return void reader?.cancel().catch(() => undefined)
  // The connection ends after a refused body. A client that is not told would send its next request on it. Not without a
  // length: undici takes the early end of a connection that was to be closed for the end of the body.
  const ends = ending.has(outgoing) || isArriving(outgoing.req)
  if (ends && response.headers.has('content-length')) outgoing.shouldKeepAlive = false
  outgoing.writeHead(response.status, [...response.headers].flat())
  if (reader === undefined) return void outgoing.end()

  let begun = false
  let onDrain: (() => void) | undefined
  const leave = (): void => {
    reader.cancel().catch(() => undefined)
    onDrain?.()
  }
  outgoing.on('drain', () => onDrain?.())
  outgoing.once('close', leave)
  // An available body is sent together with its header; otherwise the header does not wait for the body.
  process.nextTick(() => {
    if (!begun) outgoing.flushHeaders()
  })
  try {
    if (outgoing.destroyed) leave()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      begun = true
      if (outgoing.destroyed) return
      if (!outgoing.write(part.value)) await new Promise<void>((resolve) => (onDrain = resolve))
    }
    begun = true
    outgoing.end()
  } catch {
    outgoing.destroy()
  }
}

/** Responses after which a draining server closes the connection. */
const ending = new WeakSet<ServerResponse>()

/** Whether a request has a body that is not here completely. */
function isArriving({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] ?? headers['content-length'] ?? '0') !== '0'
}

const keepAliveMs = 60_000

interface Refusal {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const closing: Refusal = {
  status: 503,
  message: 'The server is restarting. Try again in a few seconds.',
  headers: { 'retry-after': '5' },
}
const idle: Refusal = {
  status: 408,
  message: 'The upload stalled for too long. Send it again.',
}

/** Requests that two parsers may interpret differently, so that a proxy and a server would disagree. */
function unacceptable({
  rawHeaders,
  httpVersionMajor,
  httpVersion,
}: IncomingMessage): Refusal | undefined {
  if (httpVersionMajor !== 1) {
    return { status: 505, message: `HTTP/${httpVersion} is not supported here. Use HTTP/1.1.` }
  }
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  return hosts.length > 1 ? { status: 400, message: 'A request has one Host header.' } : undefined
}

/** Answers, and closes the connection: the next bytes on it are the rest of a body. */
function refuse(outgoing: ServerResponse, { status, message, headers }: Refusal): void {
  // Destroying the request closes its connection, and tells a handler that reads its body.
  const end = (): void => void outgoing.req.destroy(new Error(message))
  if (outgoing.headersSent) return end()
  const body = Buffer.from(JSON.stringify({ error: message }))
  outgoing.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.byteLength,
    'access-control-allow-origin': '*',
    connection: 'close',
    ...headers,
  })
  outgoing.end(body, end)
}

interface Upload {
  readonly incoming: IncomingMessage
  bytes: number
  since: number
  /** Bytes of the response. */
  written: number
  readAt: number
}

/** A paused download may wait this many times as long as a stalled upload: its reader may be busy with what it has. */
const UNREAD = 5

/** Whether a client has taken no byte of its response for too long. It would hold its connection and memory for ever. */
function isUnread(outgoing: ServerResponse, upload: Upload, ms: number): boolean {
  // Without a socket it waits for the response before it on the same connection.
  const written = outgoing.socket?.bytesWritten
  if (!outgoing.writableNeedDrain || written === undefined || written !== upload.written) {
    upload.written = written ?? 0
    upload.readAt = performance.now()
  }
  return performance.now() - upload.readAt > ms
}

function isIdle(upload: Upload, idleMs: number): boolean {
  const { incoming } = upload
  const { bytesRead } = incoming.socket
  // Buffered bytes wait for the handler, not for the client.
  if (incoming.complete || bytesRead !== upload.bytes || incoming.readableLength > 0) {
    upload.bytes = bytesRead
    upload.since = performance.now()
  }
  return performance.now() - upload.since > idleMs
}

/** Options of a listening hub. */
interface ListenOptions extends HubOptions {
  /** Default: 0, for any free one. */
  readonly port?: number
  /** Default: 0, for any free one. */
  readonly storagePort?: number
  /** Address to listen on. Default: 127.0.0.1. */
  readonly host?: string
  /**
   * The layer in front of hub and CAS. Presigned storage is protected by its signatures and has no front.
   */
  readonly front?: HubFront
  /** Longest time without a byte of an upload, milliseconds. Default: one minute. Its total time is not limited. */
  readonly idleMs?: number
}

/**
 * Makes a hub and listens: hub and CAS on one port, presigned storage on another, so that pages see two origins, like
 * on the real hub. Behind a proxy they are one origin, unless `storageUrl` is set.
 *
 * @param options only `folder` is required
 * @throws FerryError `configuration` for a wrong setting, a folder that cannot be used, a port that is taken
 * @example
 * const { url, close } = await startHub({ folder: './models', port: 8787 })
 */
export async function startHub(options: ListenOptions): Promise<RunningHub> {
  const { host = '127.0.0.1', idleMs = 60_000 } = options
  const servers: HttpServer[] = []
  let port = 0
  let storagePort = 0
  /** Whether a request was sent to one of the hub's own ports, not to a proxy's. */
  const isDirect = ({ protocol, port: named }: URL): boolean =>
    options.url === undefined && protocol === 'http:' && Number(named || 80) === port
  const opened = await assembleHub(options, (request) => {
    if (options.storageUrl !== undefined) return options.storageUrl
    const url = new URL(request.url)
    if (!isDirect(url)) return options.url ?? url.origin
    // With the host name of the request: the hub may listen on several.
    return `http://${url.hostname}:${storagePort}`
  })
  const { hub, serve } = opened
  const closeAll = async (end: (server: HttpServer) => Promise<number | void>): Promise<number> => {
    const cut = await Promise.all(servers.map(end))
    await opened.close()
    return cut.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  }
  try {
    const storage = await listen((request) => serve(request, 'storage'), {
      port: options.storagePort ?? 0,
      host,
      use: 'presigned storage (--storage-port, by default the one after --port)',
      idleMs,
    })
    servers.push(storage)
    storagePort = storage.port
    const front = options.front?.((request, caller = {}) => serve(request, 'hub', caller), hub)
    const main = await listen(
      (request, from) => {
        const url = new URL(request.url)
        // A gateway may know the public origin from headers that only it trusts.
        if (isStored(hub.kindOf(request)) && (front !== undefined || !isDirect(url))) {
          return serve(request, 'storage')
        }
        return front === undefined ? serve(request, 'hub') : front(request, from)
      },
      { port: options.port ?? 0, host, idleMs },
    )
    servers.push(main)
    port = main.port
    const name = host.includes(':') ? `[${host}]` : host
    const url = options.url ?? `http://${name}:${port}`
    return {
      url,
      storageUrl: options.storageUrl ?? options.url ?? `http://${name}:${storagePort}`,
      hub,
      stop: (ms) => closeAll((server) => server.drain(ms)),
      async close() {
        hub.close()
        await closeAll((server) => server.close())
      },
    }
  } catch (error) {
    await closeAll((server) => server.close())
    throw error
  }
}
