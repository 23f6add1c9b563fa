import type { ByteRange } from '../core/ByteRange.ts'
import type { Block } from '../reconstruction/Block.ts'

/** A stretch of the file with the state of asking for it. */
export interface Span {
  readonly range: ByteRange
  /** Not yet known to be worth splitting. */
  readonly first: boolean
  /** The newest answer; replaced when it is renewed. */
  block?: Block
  /** Generation at the last progress; what lies between it and the block's counts as renewals in vain. */
  good: number
}
