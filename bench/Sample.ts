/** One measured load. */
export interface Sample {
  /** What was loaded, or whose memory it is. */
  readonly subject: string
  readonly variant: string
  /** Rounds are counted from 1. */
  readonly round: number
  /** Milliseconds, or bytes of memory; each comparison says which. */
  readonly value: number
}
