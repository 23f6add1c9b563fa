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

/** A file as a shard states it. */
export interface ShardFile {
  readonly hash: string
  readonly terms: readonly ShardTerm[]
  /** Ordinary hex. */
  readonly sha256?: string
}

/** A xorb as a shard states it. */
export interface ShardXorb {
  readonly hash: string
  readonly chunks: readonly { readonly hash: string; readonly length: number }[]
}

/** What a shard says. */
export interface Shard {
  readonly files: readonly ShardFile[]
  readonly xorbs: readonly ShardXorb[]
}
