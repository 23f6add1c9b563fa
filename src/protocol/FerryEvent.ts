import type { ErrorData } from './ErrorData.ts'
import type { LoadState } from './LoadState.ts'

/** What a page may hear of, by name and detail. */
export interface FerryEventMap {
  readonly progress: LoadState
  readonly renewed: { readonly content: string; readonly url: string; readonly generation: number }
  /** A request has to wait: the server asked for it, or something failed and is tried again. */
  readonly waiting: {
    /** Of the file that waits. */
    readonly url: string
    /** Which server is waited for. */
    readonly origin: string
    /** Local epoch milliseconds. */
    readonly until: number
    /** From now until then. */
    readonly delayMs: number
    readonly reason: ErrorData
  }
  readonly evicted: { readonly content: string }
  readonly fault: ErrorData
}

/** One of them, as it crosses the channel. */
export type FerryEvent = {
  [Name in keyof FerryEventMap]: { readonly name: Name; readonly detail: FerryEventMap[Name] }
}[keyof FerryEventMap]
