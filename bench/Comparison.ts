/** Medians of one variant, compared with those of the peer in the same rounds. */
export interface Comparison {
  /** The loaded file, or the measured processes. */
  readonly subject: string
  readonly variant: string
  readonly median: number
  readonly min: number
  readonly max: number
  /** Median, over the rounds, of this variant's value divided by the peer's in that round. */
  readonly ratio: number
}
