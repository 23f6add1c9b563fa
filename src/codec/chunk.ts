/**
 * The four keyed BLAKE3 hashes of Xet, each 32 raw bytes in a buffer of its own, and what comes before the
 * first of them. Synchronous, so that a chunk is hashed while it is still in the processor's cache; one hasher
 * serves one realm, for ever.
 */
export interface Hasher {
  /** Of the uncompressed bytes of one chunk. */
  chunk(bytes: Uint8Array): Uint8Array<ArrayBuffer>
  /** Of the text that lists a node's children; `merkleRoot` writes it. */
  node(text: Uint8Array): Uint8Array<ArrayBuffer>
  /** Of the 32 raw bytes of a file's merkle root. */
  file(root: Uint8Array): Uint8Array<ArrayBuffer>
  /** Of the concatenated raw hashes of a run of chunks. */
  range(hashes: Uint8Array): Uint8Array<ArrayBuffer>
  /**
   * Unpacks the payload of a chunk record and hashes what was in it.
   *
   * @param header from `parseChunkHeader`
   * @param payload exactly `header.storedLength` bytes
   * @throws FerryError `protocol` or `integrity`, as `decodeLz4Frame`
   */
  unpack(header: ChunkHeader, payload: Uint8Array): Pick<DecodedChunk, 'bytes' | 'hash'>
}

/** One chunk of a file or xorb, as the hash tree sees it: 32 raw bytes of hash, length in bytes. */
export interface ChunkRow {
  readonly hash: Uint8Array<ArrayBuffer>
  readonly length: number
}

/** The first 8 bytes of a chunk record, checked against the limits of the protocol. */
export interface ChunkHeader {
  /** 0: stored as it is; 1: LZ4 frame; 2: bytes grouped by four, then LZ4 frame. */
  readonly scheme: 0 | 1 | 2
  /** Bytes of the payload that follows the header. */
  readonly storedLength: number
  /** Bytes of the chunk once unpacked, 1 to 131072. */
  readonly length: number
}

/** One chunk as it came off the wire, unpacked and hashed. */
export interface DecodedChunk {
  /** The uncompressed bytes, in a buffer of their own: it may be transferred. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The chunk hash of `bytes`, 32 raw bytes. */
  readonly hash: Uint8Array<ArrayBuffer>
  /** Bytes of the whole record in the xorb, header included. */
  readonly storedLength: number
}
