/** A file of a commit. */
export interface FileEntry {
  /** Git's own id of the blob (of the pointer, for large files), 40 hex. */
  readonly oid: string
  readonly size: number
  /** Ordinary hex of the SHA-256, for large files; others are in git itself. */
  readonly sha256?: string
  /** Xet file hash, for large files that came as xorbs. */
  readonly xetHash?: string
}
