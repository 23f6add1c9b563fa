import type { RepoId } from '../git/RepoId.ts'

/** Where a file is. */
export interface FilePlace {
  readonly repo: RepoId
  /** 40 hex. */
  readonly commit: string
  readonly path: string
}
