/** The first 8 bytes of a chunk record, checked against the limits of the protocol. */
export interface ChunkHeader {
  /** 0: stored as it is; 1: LZ4 frame; 2: bytes grouped by four, then LZ4 frame. */
  readonly scheme: 0 | 1 | 2
  /** Bytes of the payload that follows the header. */
  readonly storedLength: number
  /** Bytes of the chunk once unpacked, 1 to 131072. */
  readonly length: number
}
