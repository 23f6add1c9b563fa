import type { Server } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A server of `node:http`, `node:https` or `node:http2` for tests. */
export interface LocalServer extends Pick<Server, 'address' | 'close' | 'listen'> {
  closeAllConnections(): void
}

/** Listens on a free port of this machine. @returns the port */
export async function listenLocally(server: LocalServer): Promise<number> {
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  return (server.address() as AddressInfo).port
}

/** Closes a server, and the connections that clients keep open. */
export function closeServer(server: LocalServer): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed())
    server.closeAllConnections()
  })
}
