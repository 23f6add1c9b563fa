// The listener for counters: a separate port on loopback, to which no proxy forwards requests. Started by serve.ts.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FerryError } from '../core/index.ts'

/**
 * Serves counters on 127.0.0.1.
 *
 * @param port to listen on; 0: any free one
 * @param answer answers a request, see `ConfiguredGateway.metrics`
 * @returns its origin, and a function that closes it
 * @throws FerryError `configuration` when the port cannot be used
 * @example await listenForMetrics(9464, (request) => gateway.metrics(request))
 */
export async function listenForMetrics(
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
