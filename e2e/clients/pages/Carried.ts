/** A file as a client got it. */
export interface Carried {
  readonly size: number
  /** Hex digits. */
  readonly sha256: string
}
