/** One of a key's places to run, until it expires or is given back. */
export interface Lease {
  readonly granted: true
  readonly id: string
}
