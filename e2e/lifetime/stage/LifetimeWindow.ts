import type { fetchInPage } from '../../stage/fetchInPage.ts'
import type { StageWindow } from '../../stage/StageWindow.ts'

/** Globals of the page of a lifetime test: a connection, and ways to observe the service worker. */
export interface LifetimeWindow extends StageWindow {
  readonly fetchInPage: typeof fetchInPage
  /**
   * Checks whether the service worker runs, in a way that neither starts it nor keeps it alive.
   *
   * @returns id of the running instance; null when there is none
   */
  readonly sight: () => Promise<string | null>
  /** Times of the loader's pings, epoch milliseconds; see `workerPrelude`. */
  readonly pings: readonly number[]
  readonly wait: (ms: number) => Promise<void>
}
