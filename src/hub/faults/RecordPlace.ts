import type { ChunkHeader } from '../../codec/ChunkHeader.ts'

/** A chunk record within a body. */
export interface RecordPlace {
  readonly start: number
  readonly end: number
  readonly header: ChunkHeader
}
