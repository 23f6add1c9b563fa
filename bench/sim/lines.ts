/** A line and a server, as far as a download notices them. Rates are bytes per second. */
export interface SimLine {
  readonly name: string
  /** Bytes of the file. */
  readonly size: number
  /** Most that one connection carries. */
  readonly each: number
  /** Most that all connections carry together. Default: no limit. */
  readonly shared?: number
  /** Share of `shared` in each second, repeated. */
  readonly trace?: readonly number[]
  /** Milliseconds of a round trip. */
  readonly rttMs: number
  /** Part by which single round trips are longer at most. */
  readonly jitter?: number
  /** Part by which the rates of connections differ at most, up and down. */
  readonly spread?: number
  /** Share of stretches of 256 KiB after which a connection is reset. */
  readonly resets?: number
  /** Round trips of a handshake. Default: 0. */
  readonly handshakes?: number
  /** Whether the rate of a new connection doubles with each round trip, from ten packets. */
  readonly slowStart?: boolean
  /** Connections that the browser opens to the host. Default: 6. */
  readonly hostLimit?: number
  /** Whether all requests share one connection (HTTP/2); `each` is then a limit of the server for each answer. */
  readonly multiplexed?: boolean
  /** Whether the server closes a connection after each answer. */
  readonly closes?: boolean
  /** Whether a proxy passes one answer at a time. */
  readonly serial?: boolean
  /** Most that the answer to a range carries. */
  readonly rangeRate?: number
  /** A range is answered after everything before it was read at this rate. */
  readonly scanRate?: number
}

const MB = 1e6

/** Lines for which the policy was made, and lines that it must not make slower. */
export const lines: readonly SimLine[] = [
  { name: '6 x 20 MB/s, 50 ms', size: 100 * MB, each: 20 * MB, rttMs: 50 },
  { name: 'the same, 1 GB', size: 1000 * MB, each: 20 * MB, rttMs: 50 },
  { name: 'the same, 10.8 MB in one xorb', size: 10.8 * MB, each: 20 * MB, rttMs: 50 },
  { name: 'rates differ by 40 %', size: 100 * MB, each: 20 * MB, rttMs: 50, spread: 0.4 },
  { name: 'by 90 %', size: 100 * MB, each: 20 * MB, rttMs: 50, spread: 0.9 },
  {
    name: 'by 40 %, 1 GB, slow start',
    size: 1000 * MB,
    each: 20 * MB,
    rttMs: 50,
    spread: 0.4,
    slowStart: true,
    handshakes: 2,
  },
  {
    name: '6 x 2.5 MB/s, 1 % resets',
    size: 100 * MB,
    each: 2.5 * MB,
    rttMs: 50,
    resets: 0.01,
    handshakes: 2,
  },
  { name: '3 MB/s shared, 150 ms', size: 36 * MB, each: Infinity, shared: 3 * MB, rttMs: 150 },
  {
    name: 'the same, 1 % resets',
    size: 36 * MB,
    each: Infinity,
    shared: 3 * MB,
    rttMs: 150,
    resets: 0.01,
  },
  {
    name: 'the same, TLS, slow start',
    size: 150 * MB,
    each: Infinity,
    shared: 3 * MB,
    rttMs: 150,
    resets: 0.01,
    handshakes: 2,
    slowStart: true,
  },
  {
    name: 'mobile, 0.6 to 6 MB/s',
    size: 100 * MB,
    each: Infinity,
    shared: 6 * MB,
    trace: [1, 0.8, 0.3, 0.1, 0.5, 0.9, 0.4, 0.2, 0.7, 1],
    rttMs: 80,
    jitter: 1,
    handshakes: 2,
    slowStart: true,
  },
  {
    name: '100 MB/s shared, 20 ms',
    size: 1000 * MB,
    each: Infinity,
    shared: 100 * MB,
    rttMs: 20,
    handshakes: 2,
    slowStart: true,
  },
  {
    name: 'HTTP/2, 5 MB/s per answer',
    size: 300 * MB,
    each: 5 * MB,
    shared: 100 * MB,
    rttMs: 50,
    multiplexed: true,
    hostLimit: 100,
  },
]

/** Servers to which one plain connection may be faster. */
export const badServers: readonly SimLine[] = [
  {
    name: 'closes after each answer',
    size: 100 * MB,
    each: Infinity,
    shared: 10 * MB,
    rttMs: 100,
    closes: true,
    handshakes: 2,
    slowStart: true,
  },
  { name: 'proxy passes one at a time', size: 100 * MB, each: 10 * MB, rttMs: 50, serial: true },
  { name: 'the same, 1 MB/s', size: 60 * MB, each: 1 * MB, rttMs: 50, serial: true },
  {
    name: 'reads up to the range first',
    size: 300 * MB,
    each: 10 * MB,
    shared: 30 * MB,
    rttMs: 50,
    scanRate: 100 * MB,
  },
  {
    name: 'ranges at a tenth of the rate',
    size: 100 * MB,
    each: 20 * MB,
    rttMs: 50,
    rangeRate: 2 * MB,
  },
]

/** The most that the connections of a line carry together. */
export function bestRate({ each, shared = Infinity, trace = [1], hostLimit = 6 }: SimLine): number {
  const mean = trace.reduce((sum, share) => sum + share, 0) / trace.length
  return Math.min(each * hostLimit, shared * mean)
}

/** Milliseconds of a load with all that the line carries, after one round trip. */
export function idealMs(line: SimLine): number {
  return line.rttMs + (line.size * 1000) / bestRate(line)
}

/** Milliseconds of one plain request without faults. */
export function plainMs(line: SimLine): number {
  return line.rttMs + (line.size * 1000) / bestRate({ ...line, hostLimit: 1 })
}

/** Numbers from 0 to 1 that a seed determines. */
export function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
