import type { fetchInPage } from '../../stage/fetchInPage.ts'
import type { StageWindow } from '../../stage/StageWindow.ts'

/** What the page of a lifetime test has on its window: a connection, and ways to look at the service worker. */
export interface LifetimeWindow extends StageWindow {
  readonly fetchInPage: typeof fetchInPage
  /**
   * Looks whether the service worker runs, in a way that neither wakes it nor keeps it alive.
   *
   * @returns which start of it runs; null when none does
   */
  readonly sight: () => Promise<string | null>
  /** When the loader kept the service worker alive, epoch milliseconds; see `workerPrelude`. */
  readonly pings: readonly number[]
  readonly wait: (ms: number) => Promise<void>
}
