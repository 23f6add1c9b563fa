import type { ChunkRow } from '../codec/ChunkRow.ts'

/** A stretch of a file that is committed: consecutive chunks of one xorb, with what they hash to. */
export interface JournalRun {
  /** 64 hex; '' for files that are not on Xet, whose rows are slices of a fixed size. */
  readonly xorb: string
  /** Index of the first chunk within the xorb. */
  readonly chunk: number
  /** Where the first byte lies in the file. */
  readonly offset: number
  /** At least one; their lengths add up to the length of the stretch. */
  readonly rows: readonly ChunkRow[]
}
