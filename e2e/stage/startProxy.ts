import { createServer, request as ask } from 'node:http'
import { closeServer, listenLocally } from './local-server.ts'

/** A proxy between page and hub. */
export interface Proxy {
  /** Origin to use in place of the hub's. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts a proxy in front of a hub. It replaces bodies with ones that the hub itself would never send, and exposes
 * further headers to pages.
 *
 * @param hub its origin
 * @param spoil returns the body for a path; undefined: the hub's own body
 * @param exposed names of further headers that pages may read
 * @param added returns headers to add to a response
 */
export async function startProxy(
  hub: string,
  spoil: (path: string) => string | undefined,
  exposed: readonly string[] = [],
  added: (path: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<Proxy> {
  const { hostname, port } = new URL(hub)
  const server = createServer((incoming, outgoing) => {
    // With the requested host, so that the hub returns URLs of this proxy.
    const { method = 'GET', url: path = '/', headers } = incoming
    const forwarded = ask({ hostname, port, method, path, headers }, (answer) => {
      const spoiled = method === 'OPTIONS' ? undefined : spoil(path)
      const readable = answer.headers['access-control-expose-headers']
      if (readable !== undefined)
        answer.headers['access-control-expose-headers'] = [readable, ...exposed].join(', ')
      if (spoiled !== undefined) delete answer.headers['content-length']
      const all = method === 'OPTIONS' ? answer.headers : { ...answer.headers, ...added(path) }
      outgoing.writeHead(answer.statusCode ?? 502, all)
      if (spoiled === undefined) answer.pipe(outgoing)
      else outgoing.end(spoiled)
    })
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  const ownPort = await listenLocally(server)
  return {
    url: `http://127.0.0.1:${ownPort}`,
    close: () => closeServer(server),
  }
}
