/** How one file of a repository differs between two commits. */
export interface FileChange {
  /** Within the repository. */
  readonly path: string
  readonly change: 'changed' | 'added' | 'removed' | 'same'
  /** Bytes of the whole file as it is then; 0 for a removed one. */
  readonly size: number
  /** Bytes of it that neither this file nor another one on the device holds. */
  readonly bytes: number
}

/** What the newest commit of a branch would bring to the device. */
export interface RevisionChange {
  /** The commit that new pages get without network, 40 hex. */
  readonly from: string
  /** The branch's commit on the hub, 40 hex. */
  readonly to: string
  /** Files of the branch that the device knows, or was told not to be there. */
  readonly files: readonly FileChange[]
  /** Bytes of all files that would have to be fetched, unpacked. */
  readonly bytes: number
}
