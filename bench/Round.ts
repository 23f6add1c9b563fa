import type { BenchFile } from './stage/BenchFile.ts'
import type { Site } from './stage/startSite.ts'

/** Parameters of one round of all variants. */
export interface Round {
  /** Origin of the hub. */
  readonly hub: string
  readonly site: Site
  readonly file: BenchFile
  /** 0: warm-up, not counted; its bytes are hashed. */
  readonly round: number
}
