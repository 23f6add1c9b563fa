/** A model file on the device, complete or on its way. */
export interface HeldFile {
  /** By branches first, then by commits. */
  readonly urls: readonly string[]
  /** `xet:<hash>` or `etag:<digest>`: same id, same bytes. */
  readonly content: string
  /** Bytes of the whole file, and of what is here. */
  readonly size: number
  readonly held: number
  readonly complete: boolean
  /** Commit that its newest URL led to. */
  readonly revision?: string
  /** Entity tag that its newest URL is answered with, quoted. */
  readonly etag?: string
  /** Epoch milliseconds. */
  readonly lastUsed: number
  /** What it was proven by. */
  readonly verified?: 'xet' | 'sha256' | 'length'
  readonly pinned: boolean
}
