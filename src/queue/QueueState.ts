/** How full the queue is, as log lines and headers tell it. */
export interface QueueState {
  /** Of this key. */
  readonly waiting: number
  /** Of this key. */
  readonly running: number
  /** Concurrency of this key. */
  readonly cap: number
  /** Most of this key that may wait. */
  readonly max: number
  /** Starts of this key that would begin at once now. */
  readonly remaining: number
  /** Milliseconds until {@link remaining} grows; 0 when it is full. */
  readonly resetMs: number
}
