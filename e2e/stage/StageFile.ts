/** A file that the stage's hub holds, and what it has to look like when it arrives. */
export interface StageFile {
  /** `owner/name` */
  readonly repo: string
  /** Within the repository. */
  readonly path: string
  /** 40 hex digits: under this revision the file can never be another one. */
  readonly commit: string
  readonly size: number
  /** Hex digits. */
  readonly sha256: string
}
