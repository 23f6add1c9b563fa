import type { StoredTerm } from './StoredTerm.ts'

/** A file that came as xorbs. */
export interface StoredFile {
  /** Xet file hash. */
  readonly hash: string
  readonly size: number
  /** Ordinary hex, when the shard gave one. */
  readonly sha256?: string
  readonly terms: readonly StoredTerm[]
}
