import { FerryError } from '../core/index.ts'
import { assembleHub } from './create-hub.ts'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createServer, type ServerResponse, type Server } from 'node:http'
import type { HubOptions, HubFront, RunningHub } from './hub.ts'
import type { AddressInfo } from 'node:net'

/**
 * Writes an answer to its connection, as fast as the other end takes it. A body that fails on its way ends as a
 * broken connection, and as nothing else: an end that looks like one would pass for the whole file.
 *
 * @param response its body is read here, and cancelled when the connection closes
 * @param outgoing nothing was written to it
 * @returns when nothing more is written; rejects only as long as nothing was
 */
export async function sendAnswer(response: Response, outgoing: ServerResponse): Promise<void> {
  const reader = response.body?.getReader()
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

/**
 * Serves a fetch handler over HTTP.
 *
 * @param handler answers every request; `peer` is the address of the socket's other end
 * @param port to listen on; 0: any free one
 * @param host address to listen on
 * @returns the server and the port it got
 * @throws FerryError `configuration` when the port is taken or the address cannot be had
 */
export async function listen(
  handler: (request: Request, from: { readonly peer: string | null }) => Promise<Response>,
  port: number,
  host: string,
): Promise<{ server: Server; port: number }> {
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const peer = incoming.socket.remoteAddress ?? null
      await sendAnswer(await handler(request, { peer }), outgoing as ServerResponse)
      return RESPONSE_ALREADY_SENT
    },
    { overrideGlobalObjects: false },
  )
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  // Clients compute for seconds between two uploads; Node's own 5 s would end connections they are about to use.
  server.keepAliveTimeout = keepAliveMs
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `Port ${port} of ${host} is in use. Stop who uses it, or choose another port.`
          : `Cannot listen on ${host}:${port} (${cause.code ?? cause.message}).`
      reject(new FerryError('configuration', why, { cause }))
    })
    server.listen(port, host, resolve)
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/**
 * Makes a hub and lets it listen: hub and CAS on one port, presigned storage on another, so that for pages they
 * are two origins, as they are on the real one.
 *
 * @param options see {@link HubOptions}; `port` and `storagePort`: 0 (default) for any free one; `host`: address
 *   to listen on, 127.0.0.1 by default; `front`: what requests to hub and CAS meet before the hub. Presigned storage
 *   is limited by its signatures and has nothing in front
 * @throws FerryError `configuration` for a wrong setting, a folder that cannot be used, a port that is taken
 * @example
 * const { url, close } = await startHub({ folder: './models', port: 8787 })
 */
export async function startHub(
  options: HubOptions & {
    readonly port?: number
    readonly storagePort?: number
    readonly host?: string
    readonly front?: HubFront
  },
): Promise<RunningHub> {
  const host = options.host ?? '127.0.0.1'
  const servers: Server[] = []
  const close = async (): Promise<void> => {
    await Promise.all(
      servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          }),
      ),
    )
  }
  let storagePort = 0
  const opened = await assembleHub(options, (request) => {
    if (options.storageUrl !== undefined) return options.storageUrl
    // Under the name the hub was asked by: it may listen on several.
    const url = new URL(request.url)
    return `${url.protocol}//${url.hostname}:${storagePort}`
  })
  const { hub, serve } = opened
  try {
    const storage = await listen(
      (request) => serve(request, 'storage'),
      options.storagePort ?? 0,
      host,
    )
    servers.push(storage.server)
    storagePort = storage.port
    const front = options.front?.((request, caller) => serve(request, 'hub', caller), hub)
    const answer = front ?? ((request: Request): Promise<Response> => serve(request, 'hub'))
    const main = await listen(answer, options.port ?? 0, host)
    servers.push(main.server)
    const name = host.includes(':') ? `[${host}]` : host
    return {
      url: options.url ?? `http://${name}:${main.port}`,
      storageUrl: options.storageUrl ?? `http://${name}:${storagePort}`,
      hub,
      async close() {
        await Promise.all([opened.close(), close()])
      },
    }
  } catch (error) {
    await Promise.all([opened.close(), close()])
    throw error
  }
}
