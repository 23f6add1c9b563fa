import type { StageFile } from '../../stage/StageFile.ts'

/** A file too large to be held in memory. */
export interface HugeFile extends StageFile {
  /** SHA-256 of each slice, hex digits. */
  readonly digests: readonly string[]
  /** Bytes of each slice but the last. */
  readonly slice: number
}
