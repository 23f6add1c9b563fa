// Starts a hub on two ports: hub and CAS on one, presigned storage on the other. Entry of `modelferry serve`.

import { assembleHub } from './create-hub.ts'
import { listen, type HttpServer } from './http-server.ts'
import { isStored } from './routing.ts'
import type { HubFront, HubOptions, RunningHub } from './hub.ts'

/** Options of a listening hub. */
export interface ListenOptions extends HubOptions {
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
