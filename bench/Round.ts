import type { BenchFile } from './stage/BenchFile.ts'
import type { Site } from './stage/startSite.ts'

/** What one turn of all variants works with. */
export interface Round {
  /** Origin of the hub. */
  readonly hub: string
  readonly site: Site
  readonly file: BenchFile
  /** 0: does not count, but its bytes are hashed. */
  readonly round: number
}
