// Sends bytes that no HTTP client would send.

import { connect } from 'node:net'

/**
 * Sends bytes on a connection of their own, and reads what comes until the connection ends.
 *
 * @param port on 127.0.0.1
 * @param bytes to send, as they are
 * @param options `localAddress`: address on loopback to come from; `ms`: milliseconds after which it is given up
 * @returns all that was answered
 */
export function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  { localAddress = '127.0.0.1', ms = 5000 }: { localAddress?: string; ms?: number } = {},
): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    const end = (): void => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(ms, end)
    socket.on('data', (data) => void (text += data.toString('latin1')))
    socket.on('error', end)
    socket.on('close', end)
    socket.write(bytes)
  })
}

/** The status of an answer; undefined: there was none. */
export function statusOf(answer: string): number | undefined {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]
  return status === undefined ? undefined : Number(status)
}
