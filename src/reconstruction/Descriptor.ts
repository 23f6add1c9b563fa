import type { ByteRange } from '../core/ByteRange.ts'

/** One signed byte range of one xorb, with the chunks it holds. Goes stale. */
export interface Descriptor {
  readonly xorb: string
  readonly chunks: ByteRange
  /** Bytes within the xorb, `end` EXCLUSIVE (the wire says inclusive; converted on parse). */
  readonly bytes: ByteRange
  /** Exactly as received: reordering or re-encoding breaks the signature. */
  readonly url: string
}
