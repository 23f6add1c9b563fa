import type { StagePage } from './StagePage.ts'

/** A page that can have others beside it. */
export interface StageTab extends StagePage {
  context(): { newPage(): Promise<unknown> }
}
