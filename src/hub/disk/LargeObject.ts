/** What a SHA-256 stands for: a file that came as xorbs, or plain bytes. */
export interface LargeObject {
  readonly sha256: string
  readonly size: number
  /** Xet file hash; undefined: plain bytes. */
  readonly xetHash?: string
}
