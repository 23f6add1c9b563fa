/** A chunk record within a stored xorb. */
export interface StoredChunk {
  /** Printed hash of the unpacked bytes. */
  readonly hash: string
  /** Where its record begins in the xorb. */
  readonly offset: number
  /** Bytes of the record, header included. */
  readonly stored: number
  /** Bytes of the chunk when unpacked. */
  readonly length: number
}
