// Decodes and hashes bytes as the Xet protocol defines: chunk records, LZ4, byte grouping, chunk, xorb and file
// hashes.
// No I/O; WebAssembly where it is available, JavaScript elsewhere.
// Start with chunk-record.ts (one chunk on the wire), then xet-hash.ts (the hashes above it).

export {
  ChunkRecordReader,
  decodeChunkPayload,
  decodeChunkRecord,
  longestChunk,
  parseChunkHeader,
  type ChunkHeader,
  type ChunkRow,
  type DecodedChunk,
  type Hasher,
} from './chunk-record.ts'
export { createHasher } from './hasher.ts'
export { createSha256 } from './sha256.ts'
export { fileHash, hashToHex, hexToHash, merkleSteps, rangeHash, xorbHash } from './xet-hash.ts'
