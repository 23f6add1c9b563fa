/** Makes networks unrecognisable: the same one looks the same for a day, and nothing leads back to it. */
export interface DailySalt {
  /** The UTC day that the salt is for, as `2026-11-22`. */
  readonly day: string
  /** @returns 16 hex digits that stand for a network today */
  hash(network: string): string
}
