/** A file on the hub. */
export interface BenchFile {
  readonly repo: string
  readonly path: string
  readonly size: number
  /** Hex digits. */
  readonly sha256: string
}
