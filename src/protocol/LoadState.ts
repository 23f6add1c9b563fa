import type { ByteRange } from '../core/ByteRange.ts'
import type { ErrorData } from './ErrorData.ts'

/** Where the load of one file stands, as everybody on the channel may know it. */
export interface LoadState {
  /** Empty, and the size 0, while the hub has not said yet what the file is. */
  readonly content: string
  readonly url: string
  readonly size: number
  /** `waiting`: for another tab that fetches, or for a server that asked for it ({@link waiting}). */
  readonly phase: 'waiting' | 'running' | 'complete' | 'failed'
  /** Which server asked to be left alone, until when (local epoch milliseconds), and why. */
  readonly waiting?: { readonly origin: string; readonly until: number; readonly reason: ErrorData }
  /** Names who brings the file: every start of a transfer has another name. */
  readonly transfer?: string
  /** Stretches that it found on the device; it answers for these, and for all that it brings. */
  readonly inherited?: readonly ByteRange[]
  /** Bytes committed. */
  readonly held: number
  /** Which folder the bringer writes to: announced bytes lie there, and not in one begun since. */
  readonly place?: string
  /** Stretches that are on the device, proven or not. */
  readonly committed: readonly ByteRange[]
  /** Stretches of the file that may leave for the page. */
  readonly releasable: readonly ByteRange[]
  /** Those among them whose hashes matched already; absent: none. */
  readonly proven?: readonly ByteRange[]
  /** Stretches being fetched right now. */
  readonly inFlight: readonly ByteRange[]
  /** Bytes that came from the network in this load, and that were found on the device. */
  readonly fetched: number
  readonly reused: number
  /** Stretches that may have been released and turned out wrong, each time anew; only ever grows. */
  readonly recalled?: readonly ByteRange[]
  readonly bytesPerSecond: number
  /** Local epoch milliseconds when the presigned URLs in use expire. */
  readonly deadline?: number
  readonly error?: ErrorData
}
