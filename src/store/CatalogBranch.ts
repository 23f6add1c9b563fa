/** What one partition was told of a branch: the commits it led to. */
export interface CatalogBranch {
  /** Address of the branch's files up to the revision. */
  readonly base: string
  readonly grant: string
  /** 40 hex each, the newest first. */
  readonly commits: readonly string[]
  /** Epoch milliseconds when the hub last said that the first one is it. */
  readonly checkedAt: number
}
