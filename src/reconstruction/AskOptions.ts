import type { CallOptions } from '../net/CallOptions.ts'

/** On whose behalf a call is made, until when, and who hears that it waits. */
export interface AskOptions extends CallOptions {
  /** `Authorization` for the hub the file was asked from; never sent to another origin, never stored. */
  readonly authorization?: string | undefined
}
