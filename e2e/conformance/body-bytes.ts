// Counts the bytes of bodies that servers of the conformance run really send.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Bytes of a body that are handed to the connection at a time: what follows an abort is neither sent nor counted. */
const partLength = 64 * 2 ** 10

/**
 * Sends the body of a response in parts, each after the one before has left, and counts them. A body that was written
 * at once would count whole, although the browser cancelled it after the headers.
 *
 * @param count receives the bytes of each part when it is handed to the connection
 */
export function countedBody(
  { socket }: IncomingMessage,
  response: ServerResponse,
  count: (bytes: number) => void,
): void {
  const write = response.write.bind(response) as (part: Buffer, left?: () => void) => boolean
  const end = response.end.bind(response) as () => ServerResponse
  let last = Promise.resolve()
  const sendAfter = async (
    before: Promise<void>,
    body: Buffer,
    sent?: () => void,
  ): Promise<void> => {
    await before
    for (let at = 0; at < body.length && !response.destroyed; at += partLength) {
      const part = body.subarray(at, at + partLength)
      count(part.length)
      await left(response, (done) => write(part, done))
    }
    sent?.()
  }
  const send = (body: Buffer, sent?: () => void): void => {
    last = sendAfter(last, body, sent)
  }
  Object.assign(response, {
    write(body: Buffer, sent?: () => void): boolean {
      send(body, sent)
      return true
    },
    end(body: Buffer | string = ''): ServerResponse {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body
      if (!response.headersSent) response.setHeader('content-length', bytes.length)
      if (bytes.length > 0) send(bytes)
      void last.then(() => end())
      return response
    },
  })
  countDetached(socket, response, count)
}

/** Counts what a server writes to a connection that it has detached from its response, headers included. */
function countDetached(
  socket: Socket,
  response: ServerResponse,
  count: (bytes: number) => void,
): void {
  const before = socket.bytesWritten
  const detach = response.detachSocket.bind(response)
  response.detachSocket = (detached) => {
    // Node detaches a connection too, after the response.
    if (!response.writableEnded) socket.once('close', () => count(socket.bytesWritten - before))
    detach(detached)
  }
}

/** Settles when a part has left, or the connection is closed. */
async function left(response: ServerResponse, write: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once('close', resolve)
    write(() => {
      response.off('close', resolve)
      resolve()
    })
  })
}
