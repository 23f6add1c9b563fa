import type { ByteRange } from '../core/ByteRange.ts'
import type { Descriptor } from './Descriptor.ts'
import type { Run } from './Run.ts'

/** The answer to one reconstruction call: a range of the file, the runs that cover it, the URLs for them. */
export interface Block {
  /** The file range that was asked for; runs may begin before and end after it (chunk boundaries). */
  readonly range: ByteRange
  readonly runs: readonly Run[]
  readonly descriptors: readonly Descriptor[]
  /** Local epoch milliseconds when it arrived. */
  readonly fetchedAt: number
  /** Epoch milliseconds by the server's clock when the first URL expires; null: unknown, use until refused. */
  readonly deadline: number | null
  /** Server clock minus local clock, milliseconds, as estimated at arrival. */
  readonly skew: number
  /** 1, 2, ... grows with every renewal of this block. */
  readonly generation: number
}
