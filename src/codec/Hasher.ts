import type { ChunkHeader } from './ChunkHeader.ts'
import type { DecodedChunk } from './DecodedChunk.ts'

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
