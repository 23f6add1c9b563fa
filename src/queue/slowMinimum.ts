/** How much of the way to a higher value the minimum follows per window: it forgets a fast past in some minutes. */
const drift = 0.01

/** A minimum that is lowered at once and raised slowly, so that it stays true when work becomes heavier for good. */
export function slowMinimum(minimum: number, value: number): number {
  return value <= minimum ? value : minimum + (value - minimum) * drift
}
