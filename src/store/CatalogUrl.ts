import type { FileInfo } from '../protocol/FileInfo.ts'

/** What the catalog knows of one URL. */
export interface CatalogUrl {
  readonly url: string
  readonly info: FileInfo
  /** Epoch milliseconds when the hub last confirmed it. */
  readonly checkedAt: number
  /** Partitions that may be answered; 'public' means everybody. */
  readonly grants: readonly string[]
}
