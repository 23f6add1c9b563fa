import type { ErrorData } from './ErrorData.ts'
import type { LoadState } from './LoadState.ts'

/** What a page may hear of, by name and detail. */
export interface FerryEventMap {
  readonly progress: LoadState
  readonly renewed: { readonly content: string; readonly url: string; readonly generation: number }
  readonly waiting: { readonly url: string; readonly delayMs: number; readonly reason: ErrorData }
  readonly evicted: { readonly content: string }
  readonly fault: ErrorData
}

/** One of them, as it crosses the channel. */
export type FerryEvent = {
  [Name in keyof FerryEventMap]: { readonly name: Name; readonly detail: FerryEventMap[Name] }
}[keyof FerryEventMap]
