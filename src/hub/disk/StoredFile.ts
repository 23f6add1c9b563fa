/** Chunks `[start, end)` of a xorb that make a stretch of a file. */
export interface StoredTerm {
  readonly xorb: string
  readonly start: number
  readonly end: number
  /** Bytes when unpacked. */
  readonly length: number
}

/** A file that came as xorbs. */
export interface StoredFile {
  /** Xet file hash. */
  readonly hash: string
  readonly size: number
  /** Ordinary hex, when the shard gave one. */
  readonly sha256?: string
  readonly terms: readonly StoredTerm[]
}
