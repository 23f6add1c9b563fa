import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { FerryError } from '../core/FerryError.ts'
import { sendAnswer } from './sendAnswer.ts'

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
