import type { ByteRange } from '../../core/ByteRange.ts'

/** A run of chunks of a xorb with the bytes they take there. */
export interface PlannedRange {
  readonly chunks: ByteRange
  readonly bytes: ByteRange
}
