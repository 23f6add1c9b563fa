import type { StagePage } from './StagePage.ts'

/** A page whose browser can open other pages. */
export interface StageTab extends StagePage {
  context(): { newPage(): Promise<unknown> }
}
