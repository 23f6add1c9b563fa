import type { StagePage } from './StagePage.ts'

/** A page of a browser that can be set offline. */
export interface StageDevice extends StagePage {
  context(): { newPage(): Promise<unknown>; setOffline(offline: boolean): Promise<void> }
}
