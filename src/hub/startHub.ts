import type { Server } from 'node:http'
import type { HubOptions } from './HubOptions.ts'
import type { HubFront } from './HubFront.ts'
import { listen } from './listen.ts'
import { assembleHub } from './assembleHub.ts'
import type { RunningHub } from './RunningHub.ts'

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
        hub.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
