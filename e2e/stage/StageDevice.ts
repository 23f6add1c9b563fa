import type { StagePage } from './StagePage.ts'

/** A page of a browser that the network can be taken from. */
export interface StageDevice extends StagePage {
  context(): { newPage(): Promise<unknown>; setOffline(offline: boolean): Promise<void> }
}
