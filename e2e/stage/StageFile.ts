/** A file on the stage's hub, with its expected properties. */
export interface StageFile {
  /** `owner/name` */
  readonly repo: string
  /** Path within the repository. */
  readonly path: string
  /** 40 hex digits: at this revision the file never changes. */
  readonly commit: string
  readonly size: number
  /** Hex digits. */
  readonly sha256: string
}
