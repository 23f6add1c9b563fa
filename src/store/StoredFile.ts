import type { CatalogFile } from './CatalogFile.ts'
import type { CatalogUrl } from './CatalogUrl.ts'

/** One line of the list of what is on the device. */
export interface StoredFile extends CatalogFile {
  /** Every URL known to lead to these bytes. */
  readonly urls: readonly CatalogUrl[]
}
