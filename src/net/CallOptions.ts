/** Until when a call is made, and who hears that it has to wait. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * Local epoch milliseconds. A wait that a server asks for and that would last longer is not begun: what the
   * server said is the answer then. Absent: as long as the policy waits.
   */
  readonly answerBy?: number | undefined
  /** Told of every wait as it begins: until when (local epoch milliseconds), and why (a FerryError). */
  readonly waiting?: ((until: number, reason: unknown) => void) | undefined
}
