/** Asks to run. */
export interface LeaseRequest {
  /** Leases of the key at once, 1 or more. */
  readonly limit: number
  /** Milliseconds after which the lease ends by itself, unless it is renewed. */
  readonly leaseMs: number
}
