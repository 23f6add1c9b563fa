/** What a store knows of a key; of one that it does not know everything is 0. */
export interface KeyStats {
  /** Epoch milliseconds, as in {@link Reserved}. */
  readonly usedUntil: number
  /** Reservations whose start lies ahead. */
  readonly waiting: number
  /** Leases that have not expired. */
  readonly running: number
}
