import type { CatalogFile } from './CatalogFile.ts'
import type { CatalogMissing } from './CatalogMissing.ts'
import type { CatalogUrl } from './CatalogUrl.ts'

/** What the catalog holds of the addresses that begin in one way, read in one transaction. */
export interface CatalogStretch {
  readonly urls: readonly CatalogUrl[]
  readonly missing: readonly CatalogMissing[]
  /** Of the files that the URLs lead to, by content. */
  readonly states: ReadonlyMap<string, CatalogFile['state']>
}
