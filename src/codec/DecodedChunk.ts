/** One chunk as it came off the wire, unpacked and hashed. */
export interface DecodedChunk {
  /** The uncompressed bytes, in a buffer of their own: it may be transferred. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The chunk hash of `bytes`, 32 raw bytes. */
  readonly hash: Uint8Array<ArrayBuffer>
  /** Bytes of the whole record in the xorb, header included. */
  readonly storedLength: number
}
