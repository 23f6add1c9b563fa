import type { Clock } from '../core/index.ts'
import type { Backoff } from './backoff.ts'

/** The outside world of every call, injected so that it runs in any realm and under test. */
export interface Net {
  readonly fetch: Fetch
  readonly clock: Clock
  /** 0 inclusive to 1 exclusive, as `Math.random`. */
  readonly random: () => number
  readonly retry: RetryPolicy
  /** The one of this realm: every request asks it for its turn. */
  readonly backoff: Backoff
  /**
   * Settles when the device is online again; at once when it is, or when nobody can tell. For calls that a
   * transfer cannot do without; without it, time without a network is time in which tries are used up.
   */
  readonly online?: (signal?: AbortSignal) => Promise<void>
}

/** `fetch` as it is injected: always an address, never a `Request` (a signed URL stays a string). */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** How often and how long to try. A value: the code that waits and asks again is elsewhere. */
export interface RetryPolicy {
  /** Tries of one request, the first included. */
  readonly attempts: number
  /**
   * How long a download survives without a network, milliseconds: what no server answered is tried again until
   * then, whatever the number of tries. A server that asks to be left alone for longer counts as failed.
   */
  readonly outageMs: number
  /** Renewals of one block's URLs without a byte of progress in between. */
  readonly renewals: number
  /** Upper end of the first random wait, milliseconds; doubles with every try. */
  readonly delayMs: number
  /** No wait between two tries is longer, milliseconds, unless the server asks for it. */
  readonly maxDelayMs: number
  /**
   * No wait that a server asks for (`Retry-After`, `RateLimit`) is longer, milliseconds. Such waits are not
   * counted as tries; all those of one request together last `attempts` times as long at most.
   */
  readonly maxWaitMs: number
  /** A page's request whose headers would have to wait longer is answered with what the server said, milliseconds. */
  readonly patienceMs: number
  /** A body that brings no byte for so long is given up, milliseconds. */
  readonly stallMs: number
  /** An answer whose headers do not come within this is given up, milliseconds. */
  readonly firstByteMs: number
}

/** A download survives five minutes without a network; a question to a hub gives up after about two. */
export const defaultRetry: RetryPolicy = {
  attempts: 6,
  outageMs: 300_000,
  renewals: 2,
  delayMs: 500,
  maxDelayMs: 30_000,
  maxWaitMs: 10 * 60_000,
  patienceMs: 25_000,
  stallMs: 20_000,
  firstByteMs: 20_000,
}

/**
 * Ends every address that modelferry itself asks for. Fragments are never sent to a server but are seen by
 * the page's service worker, which leaves such requests alone; otherwise it would answer its own engine.
 */
export const ownFragment = '#modelferry'
