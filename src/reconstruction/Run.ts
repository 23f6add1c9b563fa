import type { ByteRange } from '../core/ByteRange.ts'

/**
 * A term with its place: chunks of one xorb that make a stretch of the file. `offset` is where the first
 * byte of the first chunk lies in the file; `length` is what all its chunks unpack to. Terms do not go stale.
 */
export interface Run {
  readonly xorb: string
  readonly chunks: ByteRange
  readonly offset: number
  readonly length: number
}
