/**
 * The four keyed BLAKE3 hashes of Xet, each 32 raw bytes in its own buffer, and the decoding of chunks before the
 * first of them. It is synchronous, so that a chunk is hashed while it is still in the processor's cache. One hasher
 * serves one realm for its whole lifetime.
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
   * Decodes the payload of a chunk record and hashes the result.
   *
   * @param header from `parseChunkHeader`
   * @param payload exactly `header.storedLength` bytes
   * @throws FerryError `protocol` or `integrity`, as `decodeLz4Frame`
   */
  unpack(header: ChunkHeader, payload: Uint8Array): Pick<DecodedChunk, 'bytes' | 'hash'>
}

/** One chunk of a file or xorb as a leaf of the hash tree: 32 raw bytes of hash, length in bytes. */
export interface ChunkRow {
  readonly hash: Uint8Array<ArrayBuffer>
  readonly length: number
}

/** The first 8 bytes of a chunk record, checked against the limits of the protocol. */
export interface ChunkHeader {
  /** 0: not compressed; 1: LZ4 frame; 2: bytes grouped by four, then LZ4 frame. */
  readonly scheme: 0 | 1 | 2
  /** Bytes of the payload that follows the header. */
  readonly storedLength: number
  /** Bytes of the uncompressed chunk, 1 to 131072. */
  readonly length: number
}

/** One received chunk, decoded and hashed. */
export interface DecodedChunk {
  /** The uncompressed bytes, in their own buffer, which may be transferred. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The chunk hash of `bytes`, 32 raw bytes. */
  readonly hash: Uint8Array<ArrayBuffer>
  /** Bytes of the whole record in the xorb, header included. */
  readonly storedLength: number
}
