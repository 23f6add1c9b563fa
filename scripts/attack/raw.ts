// Sends bytes that no HTTP client would send.

import { connect } from 'node:net'

/**
 * Sends bytes on a separate connection, and reads until the connection ends.
 *
 * @param port on 127.0.0.1
 * @param bytes sent unchanged
 * @param options `localAddress`: source address on loopback; `ms`: timeout in milliseconds
 * @returns the whole response
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

/** The status of a response; undefined: no response. */
export function statusOf(answer: string): number | undefined {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]
  return status === undefined ? undefined : Number(status)
}
