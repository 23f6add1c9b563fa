/** What one window came to. */
export interface ScalingWindow {
  /** Tasks that tell something about load: neither cancelled nor the client's fault. */
  readonly samples: number
  readonly overloads: number
  /** Milliseconds: 90th percentile of service. */
  readonly p90: number
  /** Milliseconds: what that percentile usually is when all is well; Infinity while unknown. */
  readonly usualMs: number
  /** Part of the limit that ran, on average over the starts. */
  readonly utilisation: number
}
