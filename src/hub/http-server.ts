// The HTTP server under hub and gateway: hands requests to a fetch handler, writes answers, limits idle uploads, and
// drains before it closes. Called by listen.ts.

import { FerryError } from '../core/index.ts'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that listens. */
export interface HttpServer {
  readonly port: number
  /**
   * Stops listening, answers further requests on open connections with 503, and waits for those that run.
   *
   * @param ms how long to wait; what still runs then is cut
   * @returns how many requests were cut
   */
  drain(ms: number): Promise<number>
  /** Ends all connections, the busy ones too. */
  close(): Promise<void>
}

/**
 * Serves a fetch handler over HTTP.
 *
 * @param handler answers every request; `peer` is the address of the socket's other end
 * @param at `port`: 0 for any free one; `host`: address to listen on; `idleMs`: how long an upload may stand still.
 *   There is no limit on its whole time
 * @throws FerryError `configuration` when the port is taken or the address cannot be used
 */
export async function listen(
  handler: (request: Request, from: { readonly peer: string | null }) => Promise<Response>,
  { port, host, idleMs }: { readonly port: number; readonly host: string; readonly idleMs: number },
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
      running.set(outgoing, { incoming, bytes: 0, since: performance.now() })
      outgoing.once('close', () => {
        running.delete(outgoing)
        if (draining) server.closeIdleConnections()
      })
      void listener(incoming, outgoing)
    },
  )
  // Clients compute for seconds between two uploads; Node's own 5 s would end connections they are about to use.
  server.keepAliveTimeout = keepAliveMs
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `Port ${port} of ${host} is in use. Stop the process that uses it, or choose another port.`
          : `Cannot listen on ${host}:${port} (${cause.code ?? cause.message}).`
      reject(new FerryError('configuration', why, { cause }))
    })
    server.listen(port, host, resolve)
  })

  const watch = setInterval(
    () => {
      for (const [outgoing, upload] of running) {
        if (isIdle(upload, idleMs)) refuse(outgoing, idle)
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
      for (const outgoing of running.keys()) outgoing.shouldKeepAlive = false
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

/**
 * Writes an answer to its connection, as fast as the other end takes it. A body that fails on its way ends as a
 * broken connection: a regular end would pass for the whole file.
 *
 * @param response its body is read here, and cancelled when the connection closes
 * @param outgoing to write to; nothing is written when it has an answer already
 * @returns when nothing more is written; rejects only as long as nothing was
 */
export async function sendAnswer(response: Response, outgoing: ServerResponse): Promise<void> {
  const reader = response.body?.getReader()
  if (outgoing.headersSent) return void reader?.cancel().catch(() => undefined)
  outgoing.writeHead(response.status, [...response.headers].flat())
  if (reader === undefined) return void outgoing.end()

  let begun = false
  let goOn: (() => void) | undefined
  const leave = (): void => {
    reader.cancel().catch(() => undefined)
    goOn?.()
  }
  outgoing.on('drain', () => goOn?.())
  outgoing.once('close', leave)
  // A body that is there already leaves together with its head; the head of another one does not wait for it.
  process.nextTick(() => {
    if (!begun) outgoing.flushHeaders()
  })
  try {
    if (outgoing.destroyed) leave()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      begun = true
      if (outgoing.destroyed) return
      if (!outgoing.write(part.value)) await new Promise<void>((resolve) => (goOn = resolve))
    }
    begun = true
    outgoing.end()
  } catch {
    outgoing.destroy()
  }
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
  message: 'The upload stood still for too long. Send it again.',
}

/** Requests that two parsers may read differently, which is how a proxy and a server come to disagree. */
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

/** Answers, and closes the connection: what follows on it is the rest of a body. */
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
}

function isIdle(upload: Upload, idleMs: number): boolean {
  const { incoming } = upload
  const { bytesRead } = incoming.socket
  // Bytes that wait here wait for the handler, not for the client.
  if (incoming.complete || bytesRead !== upload.bytes || incoming.readableLength > 0) {
    upload.bytes = bytesRead
    upload.since = performance.now()
  }
  return performance.now() - upload.since > idleMs
}
