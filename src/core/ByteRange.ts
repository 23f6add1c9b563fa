/** A run of bytes (or chunks): `start` inclusive, `end` exclusive, both safe integers, `start <= end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}
