import type { ShardTerm } from './ShardTerm.ts'

/** A file as a shard states it. */
export interface ShardFile {
  readonly hash: string
  readonly terms: readonly ShardTerm[]
  /** Ordinary hex. */
  readonly sha256?: string
}
