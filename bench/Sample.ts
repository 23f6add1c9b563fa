/** One measured load. */
export interface Sample {
  /** The loaded file, or the measured processes. */
  readonly subject: string
  readonly variant: string
  /** Rounds are counted from 1. */
  readonly round: number
  /** Milliseconds, or bytes of memory; depends on the comparison. */
  readonly value: number
}
