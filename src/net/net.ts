import type { Clock } from '../core/index.ts'
import type { Backoff } from './backoff.ts'

/** The environment of every call, injected so that the code runs in any realm and in tests. */
export interface Net {
  readonly fetch: Fetch
  readonly clock: Clock
  /** 0 inclusive to 1 exclusive, as `Math.random`. */
  readonly random: () => number
  readonly retry: RetryPolicy
  /** The realm's back-off, through which every request goes. */
  readonly backoff: Backoff
  /**
   * Settles when the device is online; at once when it is, or when its state is unknown. Set it for calls that a
   * transfer requires. Without it, tries are used up during an outage.
   */
  readonly online?: (signal?: AbortSignal) => Promise<void>
}

/** `fetch` as it is injected: always a URL, never a `Request` (a signed URL stays a string). */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** Limits of retries. It is plain data; retry.ts applies it. */
export interface RetryPolicy {
  /** Tries of one request, the first included. */
  readonly attempts: number
  /**
   * How long a download survives without a network, milliseconds: requests without any response are retried until
   * then, regardless of the number of tries. A longer pause by a server counts as a failure.
   */
  readonly outageMs: number
  /** Renewals of one block's URLs without a byte of progress in between. */
  readonly renewals: number
  /** Upper end of the first random wait, milliseconds; doubles with every try. */
  readonly delayMs: number
  /** Longest wait between two tries, milliseconds, unless the server asks for more. */
  readonly maxDelayMs: number
  /**
   * Longest wait that a server may ask for (`Retry-After`, `RateLimit`), milliseconds. Such waits do not count as
   * tries; all waits of one request together last at most `attempts` times as long.
   */
  readonly maxWaitMs: number
  /** A page's request that would wait longer for its headers gets the server's refusal, milliseconds. */
  readonly patienceMs: number
  /** A body without a byte for this time is aborted, milliseconds. */
  readonly stallMs: number
  /** A request without headers for this time is aborted, milliseconds. */
  readonly firstByteMs: number
}

/**
 * A download survives five minutes offline, with one minute for the attempts after it. A request to a hub fails after
 * about two.
 */
export const defaultRetry: RetryPolicy = {
  attempts: 6,
  outageMs: 360_000,
  renewals: 2,
  delayMs: 500,
  maxDelayMs: 30_000,
  maxWaitMs: 10 * 60_000,
  patienceMs: 25_000,
  stallMs: 20_000,
  firstByteMs: 20_000,
}

/**
 * Marks every URL that modelferry itself requests. Fragments are never sent to a server, but the page's service
 * worker sees them and ignores such requests. Otherwise it would answer its own engine.
 */
export const ownFragment = '#modelferry'
