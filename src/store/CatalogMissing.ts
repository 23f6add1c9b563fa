import type { Refusal } from '../protocol/Refusal.ts'

/** A URL that led to no file, as one partition was told. */
export interface CatalogMissing {
  readonly url: string
  readonly grant: string
  /** The hub's 404, as the page shall see it again. */
  readonly refusal: Refusal
  /** Epoch milliseconds when the hub last said so. */
  readonly checkedAt: number
}
