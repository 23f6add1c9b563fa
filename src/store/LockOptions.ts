/** How to wait for the right to write a file. */
export interface LockOptions {
  /** Ends the wait; also handed on to the work. */
  readonly signal?: AbortSignal
  /** Do not wait: when somebody else has it, return undefined at once. */
  readonly ifAvailable?: boolean
  /** Called while waiting, about once a second, for each sign of life of the present holder. */
  readonly onHeartbeat?: () => void
}
