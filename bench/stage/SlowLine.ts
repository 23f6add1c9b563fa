import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Pacer } from './Pacer.ts'

interface LineOptions {
  /** Port of this machine that everything is passed on to. */
  readonly target: number
  /** Most that one connection carries in one direction. */
  readonly bytesPerSecond: number
  /** How much longer a round trip takes, milliseconds. */
  readonly latencyMs: number
}

/** Bytes on their way in one direction at most, so that a slow reader slows the sender down. */
const window = 2 ** 20

/** A port in front of another one, whose connections are slow in the way of a long line. */
export class SlowLine {
  readonly port: number
  readonly #server: Server
  readonly #sockets: Set<Socket>

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.port = (server.address() as AddressInfo).port
  }

  /**
   * @param port to listen on; 0: any free one
   * @throws the system's error when the port cannot be had
   */
  static async open(port: number, options: LineOptions): Promise<SlowLine> {
    const sockets = new Set<Socket>()
    const server = createServer((near) => {
      const far = connect(options.target, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one.setNoDelay())
        one.on('error', () => other.destroy())
        one.on('close', () => sockets.delete(one))
        carry(one, other, options)
      }
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    return new SlowLine(server, sockets)
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

function carry(from: Socket, to: Socket, { bytesPerSecond, latencyMs }: LineOptions): void {
  const pacer = new Pacer(bytesPerSecond, latencyMs / 2)
  let underWay = 0
  const later = (bytes: number, act: () => void): void => {
    const now = performance.now()
    underWay += bytes
    if (underWay >= window) from.pause()
    setTimeout(
      () => {
        underWay -= bytes
        if (underWay < window) from.resume()
        if (!to.destroyed) act()
      },
      pacer.pass(bytes, now) - now,
    )
  }
  from.on('data', (bytes: Buffer) => later(bytes.length, () => to.write(bytes)))
  from.on('end', () => later(0, () => to.end()))
  from.on('close', () => later(0, () => to.destroySoon()))
}
