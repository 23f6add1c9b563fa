/** A term of a file as a shard states it: chunks `[start, end)` of a xorb. */
export interface ShardTerm {
  readonly xorb: string
  /** Bytes when unpacked. */
  readonly length: number
  readonly start: number
  readonly end: number
  /** Verification hash of the chunks; undefined: the shard gives none. */
  readonly rangeHash?: string
}
