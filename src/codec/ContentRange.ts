import type { ByteRange } from '../core/ByteRange.ts'

/** What a `Content-Range` says: which bytes follow, and of how many. */
export interface ContentRange {
  /** `end` exclusive (the wire says inclusive; converted on parse). Never empty. */
  readonly range: ByteRange
  /** Bytes of the whole representation; undefined when the server wrote `*`. */
  readonly total: number | undefined
}
