/** Chunk records to unpack and hash, as they cross from Node into the page. */
export interface CodecSubject {
  readonly name: string
  /** Bytes of all chunks, unpacked. */
  readonly size: number
  /** The records one after another, in base64. */
  readonly records: string
}
