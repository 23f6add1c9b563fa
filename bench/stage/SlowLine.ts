import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Pacer } from './Pacer.ts'

interface LineOptions {
  /** Local port to which everything is forwarded. */
  readonly target: number
  /** Bandwidth of one connection in one direction. */
  readonly bytesPerSecond: number
  /** Additional round-trip time, milliseconds. */
  readonly latencyMs: number
  /** The bandwidth of all connections together, from the target; absent: each has its own. */
  readonly shared?: Pacer
  /** Whether a connection is reset now; asked for every 256 KiB of each. */
  readonly resets?: () => boolean
}

/** Maximum bytes in flight in one direction, so that a slow reader slows the sender down. */
const window = 4 * 2 ** 20
/** The same where connections share the bandwidth: as much as a home router queues. */
const sharedWindow = 128 * 2 ** 10
const resetUnit = 256 * 2 ** 10

type CarryOptions = Pick<LineOptions, 'bytesPerSecond' | 'latencyMs'> & {
  readonly shared?: Pacer | undefined
}

/** A proxy port that adds latency and limits bandwidth. */
export class SlowLine {
  readonly port: number
  readonly #server: Server
  readonly #sockets: Set<Socket>
  /** Bytes that came from the target. */
  received = 0

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.port = (server.address() as AddressInfo).port
  }

  /**
   * @param port to listen on; 0: any free one
   * @throws the system's error when the port is unavailable
   */
  static async open(port: number, options: LineOptions): Promise<SlowLine> {
    const sockets = new Set<Socket>()
    const line: { opened?: SlowLine } = {}
    const server = createServer((near) => {
      const far = connect(options.target, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one.setNoDelay())
        // The other side is closed by the 'close' event that follows.
        one.on('error', () => undefined)
        one.on('close', () => sockets.delete(one))
        carry(one, other, one === far ? options : { ...options, shared: undefined })
      }
      let stretch = 0
      far.on('data', (bytes: Buffer) => {
        if (line.opened) line.opened.received += bytes.length
        stretch += bytes.length
        if (stretch < resetUnit) return
        stretch -= resetUnit
        if (options.resets?.() === true) near.resetAndDestroy()
      })
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    line.opened = new SlowLine(server, sockets)
    return line.opened
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

/** Forwards bytes in order, each at its time and when the other side accepts it. */
function carry(from: Socket, to: Socket, options: CarryOptions): void {
  const { bytesPerSecond, latencyMs, shared } = options
  const pacer = shared ?? new Pacer(bytesPerSecond, latencyMs / 2)
  const most = shared ? sharedWindow : window
  const underWay: { readonly bytes: Buffer; readonly due: number }[] = []
  let total = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false
  const move = (): void => {
    timer = undefined
    for (let [next] = underWay; next !== undefined; [next] = underWay) {
      const early = next.due - performance.now()
      if (early > 0) return void (timer = setTimeout(move, early))
      if (to.writableNeedDrain) return void to.once('drain', move)
      underWay.shift()
      total -= next.bytes.length
      to.write(next.bytes)
      if (total < most) from.resume()
    }
    if (ended) to.end()
  }
  from.on('data', (bytes: Buffer) => {
    underWay.push({ bytes, due: pacer.pass(bytes.length, performance.now()) })
    total += bytes.length
    if (total >= most) from.pause()
    if (underWay.length === 1) move()
  })
  from.on('end', () => {
    ended = true
    if (underWay.length === 0) to.end()
  })
  to.on('close', () => {
    clearTimeout(timer)
    from.destroy()
  })
}
