/** Chunks `[start, end)` of a xorb that make a stretch of a file. */
export interface StoredTerm {
  readonly xorb: string
  readonly start: number
  readonly end: number
  /** Bytes when unpacked. */
  readonly length: number
}
