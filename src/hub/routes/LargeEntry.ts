/** A large file, with what it is called by content. */
export interface LargeEntry {
  readonly size: number
  readonly sha256: string
  readonly xetHash?: string
}
