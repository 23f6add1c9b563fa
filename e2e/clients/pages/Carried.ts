/** A file as received by a client. */
export interface Carried {
  readonly size: number
  /** Hex digits. */
  readonly sha256: string
}
