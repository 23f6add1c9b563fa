/** Chunk records to decode and hash, in the form in which Node passes them to the page. */
export interface CodecSubject {
  readonly name: string
  /** Uncompressed bytes of all chunks. */
  readonly size: number
  /** The concatenated records, in base64. */
  readonly records: string
}
