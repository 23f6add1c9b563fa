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

/** What the hub knows of a xorb without opening it. */
export interface StoredXorb {
  readonly hash: string
  /** 1, 2, ... in the order of arrival. */
  readonly sequence: number
  /** Bytes of all records. */
  readonly bytes: number
  readonly chunks: readonly StoredChunk[]
}
