/** How often and how long to try. A value: the code that waits and asks again is elsewhere. */
export interface RetryPolicy {
  /** Tries of one request, the first included. */
  readonly attempts: number
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
