import type { SimLine } from './lines.ts'

/** One request and its answer. */
export interface Transfer {
  readonly offset: number
  readonly bytes: number
  /** Of the answer so far. */
  received: number
  /** Milliseconds from the request to the first byte, once it has come. */
  firstByteMs?: number
}

export interface NetworkEvent {
  readonly kind: 'first' | 'ended' | 'failed' | 'time'
  readonly transfer?: Transfer
}

interface Socket {
  /** Rate of this connection in relation to others. */
  readonly speed: number
  /** Bytes per round trip that it may carry by now. */
  window: number
  doublesAt: number
}

interface Exchange {
  readonly transfer: Transfer
  readonly asked: number
  socket?: Socket
  /** When its first byte comes; Infinity: it waits for a connection, or for the proxy. */
  firstAt: number
  receiving: boolean
  rate: number
  /** Bytes of the answer after which the connection is reset. */
  resetAt: number
}

/** An answer without a byte for this time is given up, milliseconds. */
const firstByteMs = 20_000
const resetUnit = 256 * 1024
const firstWindow = 14_600
/** Smaller amounts are rounding errors, bytes. */
const epsilon = 1e-3

/** Plays the connections of one line, event by event: between two events all rates are constant. */
export class Network {
  now = 0
  readonly #line: SimLine
  readonly #random: () => number
  #exchanges: Exchange[] = []
  #idle: Socket[] = []
  #sockets = 0
  #opened = 0
  readonly #shift: number

  constructor(line: SimLine, random: () => number) {
    this.#line = line
    this.#random = random
    this.#shift = random()
  }

  /** Sends a request for a part of the file. */
  start(offset: number, bytes: number): Transfer {
    const transfer = { offset, bytes, received: 0 }
    this.#exchanges.push({
      transfer,
      asked: this.now,
      firstAt: Infinity,
      receiving: false,
      rate: 0,
      resetAt: this.#nextReset(),
    })
    this.#connect()
    return transfer
  }

  /** Ends a request; over HTTP/1.1 its connection is lost. */
  abort(transfer: Transfer): void {
    const exchange = this.#exchanges.find((one) => one.transfer === transfer)
    if (exchange) this.#end(exchange, false)
  }

  /** A round trip with its jitter, milliseconds. */
  roundTrip(): number {
    const { rttMs, jitter = 0 } = this.#line
    return rttMs * (1 + jitter * this.#random())
  }

  /** Lets time pass until something happens, or until a time. */
  next(until: number): NetworkEvent {
    for (;;) {
      this.#share()
      const at = Math.min(
        until,
        ...this.#exchanges.map((one) => this.#nextOf(one)),
        this.#traceEnd(),
      )
      const seconds = Math.max(0, at - this.now) / 1000
      for (const one of this.#exchanges)
        if (one.receiving) one.transfer.received += one.rate * seconds
      this.now = Math.max(this.now, at)
      const event = this.#happened()
      if (event) return event
      if (this.now >= until) return { kind: 'time' }
    }
  }

  #happened(): NetworkEvent | undefined {
    for (const one of this.#exchanges) {
      const { transfer, socket } = one
      if (one.receiving && transfer.received >= transfer.bytes - epsilon) {
        transfer.received = transfer.bytes
        this.#end(one, true)
        return { kind: 'ended', transfer }
      }
      const silent = !one.receiving && this.now >= one.asked + firstByteMs
      if (silent || (one.receiving && transfer.received >= one.resetAt - epsilon)) {
        this.#end(one, false)
        return { kind: 'failed', transfer }
      }
      if (!one.receiving && this.now >= one.firstAt) {
        one.receiving = true
        transfer.firstByteMs = this.now - one.asked
        return { kind: 'first', transfer }
      }
      if (socket && one.receiving && this.now >= socket.doublesAt) {
        socket.window *= 2
        socket.doublesAt = this.now + this.#line.rttMs
      }
    }
    return undefined
  }

  #nextOf({ receiving, asked, firstAt, rate, transfer, resetAt, socket }: Exchange): number {
    if (!receiving) return Math.min(firstAt, asked + firstByteMs)
    const left = Math.min(transfer.bytes, resetAt) - transfer.received
    const grows = socket && rate < this.#line.each ? socket.doublesAt : Infinity
    return Math.min(this.now + (left * 1000) / rate, grows)
  }

  /** Gives connections to requests that have none. */
  #connect(): void {
    const {
      hostLimit = 6,
      handshakes = 0,
      multiplexed,
      serial,
      slowStart,
      rttMs,
      spread = 0,
    } = this.#line
    for (const one of this.#exchanges) {
      if (one.socket) continue
      const known = this.#idle.pop()
      if (!known && this.#sockets >= hostLimit) return
      const shakes = !known && (!multiplexed || this.#sockets === 0)
      if (!known) this.#sockets += 1
      one.socket = known ?? {
        speed: 1 + spread * (2 * this.#place() - 1),
        window: slowStart && !multiplexed ? firstWindow : Infinity,
        doublesAt: Infinity,
      }
      const { scanRate = Infinity } = this.#line
      const ready = (shakes ? handshakes * rttMs : 0) + this.roundTrip()
      one.firstAt = serial ? Infinity : this.now + ready + (one.transfer.offset * 1000) / scanRate
      if (one.socket.doublesAt === Infinity && one.socket.window < Infinity)
        one.socket.doublesAt = this.now + ready + rttMs
    }
    this.#pass()
  }

  /** From 0 to 1, evenly over the connections of a load. */
  #place(): number {
    this.#opened += 1
    return (this.#opened * 0.618034 + this.#shift) % 1
  }

  /** Lets the next answer through the proxy. */
  #pass(): void {
    if (!this.#line.serial || this.#exchanges.some((one) => one.firstAt < Infinity)) return
    const next = this.#exchanges.find((one) => one.socket)
    // A request that has waited at the proxy is answered at once.
    if (next) next.firstAt = this.now + Math.max(0, next.asked + this.roundTrip() - this.now)
  }

  #end(exchange: Exchange, whole: boolean): void {
    this.#exchanges = this.#exchanges.filter((one) => one !== exchange)
    if (exchange.socket) {
      const { multiplexed, closes } = this.#line
      if (multiplexed || (whole && !closes)) this.#idle.push(exchange.socket)
      else this.#sockets -= 1
    }
    this.#connect()
    this.#pass()
  }

  /** Divides the rate of the line fairly among the connections, each up to its own limit. */
  #share(): void {
    const { each, shared = Infinity, rangeRate = Infinity, rttMs, trace } = this.#line
    const part = trace ? trace[Math.floor((this.now + epsilon) / 1000) % trace.length]! : 1
    let left = shared * part
    const receiving = this.#exchanges.filter((one) => one.receiving)
    const limited = receiving.map((one) => {
      const { speed, window } = one.socket!
      return { one, limit: Math.min(each * speed, rangeRate, (window * 1000) / rttMs) }
    })
    limited.sort((a, b) => a.limit - b.limit)
    for (const [at, { one, limit }] of limited.entries()) {
      one.rate = Math.min(limit, left / (limited.length - at))
      left -= one.rate
    }
  }

  #traceEnd(): number {
    return this.#line.trace ? (Math.floor((this.now + epsilon) / 1000) + 1) * 1000 : Infinity
  }

  #nextReset(): number {
    const { resets = 0 } = this.#line
    if (resets === 0) return Infinity
    return resetUnit * Math.ceil(Math.log(1 - this.#random()) / Math.log(1 - resets))
  }
}
