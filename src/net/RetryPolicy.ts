/** How often and how long to try. A value: the code that waits and asks again is elsewhere. */
export interface RetryPolicy {
  /** Tries of one request, the first included. */
  readonly attempts: number
  /** Renewals of one block's URLs without a byte of progress in between. */
  readonly renewals: number
  /** Upper end of the first random wait, milliseconds; doubles with every try. */
  readonly delayMs: number
  /** No wait is longer, milliseconds. A server that asks for more is not asked again. */
  readonly maxDelayMs: number
  /** A body that brings no byte for so long is given up, milliseconds. */
  readonly stallMs: number
  /** An answer whose headers do not come within this is given up, milliseconds. */
  readonly firstByteMs: number
}
