/** On whose behalf a call is made, and until when. */
export interface AskOptions {
  /** `Authorization` for the hub the file was asked from; never sent to another origin, never stored. */
  readonly authorization?: string | undefined
  readonly signal?: AbortSignal | undefined
}
