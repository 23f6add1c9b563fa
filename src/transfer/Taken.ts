import type { ByteRange } from '../core/ByteRange.ts'

/** What a reader was given of a file; a load that died leaves it to the next one. */
export interface Taken {
  readonly range: ByteRange
  /** Stretches of it that were not proven when they were given. */
  readonly doubtful: readonly ByteRange[]
  /** Which transfer they came from, and answers for them. */
  readonly transfer?: string | undefined
}
