/** One chunk of a file or xorb, as the hash tree sees it: 32 raw bytes of hash, length in bytes. */
export interface ChunkRow {
  readonly hash: Uint8Array<ArrayBuffer>
  readonly length: number
}
