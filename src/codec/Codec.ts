/** One instance of the codec in WebAssembly, with a memory of its own. Addresses are in {@link codecRoom}. */
export interface Codec {
  readonly memory: WebAssembly.Memory
  /** Keyed BLAKE3 of up to 131,072 bytes, behind which 64 are set to 0; returns where its 32 bytes stand. */
  blake3(key: number, from: number, length: number): number
  /** Unpacks one LZ4 block; returns the address behind its last byte, or 0 when it is malformed. */
  lz4(from: number, end: number, at: number, limit: number, floor: number): number
  /** Takes blocks of 64 bytes into the eight words at `state`. */
  sha256(state: number, constants: number, from: number, blocks: number): void
  /** Undoes byte grouping by four. */
  ungroup(from: number, to: number, length: number): void
}
