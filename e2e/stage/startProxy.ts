import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between page and hub. */
export interface Proxy {
  /** Origin to use in place of the hub's. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts a proxy in front of a hub that replaces bodies the hub itself would never send, and lets pages read
 * headers that it keeps to itself.
 *
 * @param hub its origin
 * @param spoil gives the body to send for a path, undefined to send what the hub says
 * @param exposed names of headers that pages may read as well
 * @param added gives headers to add to an answer
 */
export async function startProxy(
  hub: string,
  spoil: (path: string) => string | undefined,
  exposed: readonly string[] = [],
  added: (path: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<Proxy> {
  const { hostname, port } = new URL(hub)
  const server = createServer((incoming, outgoing) => {
    // With the host as asked for: the hub then gives addresses that lead here again.
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
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
