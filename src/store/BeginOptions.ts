/** How to begin writing a file. */
export interface BeginOptions {
  /** Ends the reading of what an earlier session left. */
  readonly signal?: AbortSignal
  /**
   * Begin although the catalog calls the file complete: a new folder gets the intact runs of the old one,
   * and the damaged file is served no more. Default: false.
   */
  readonly heal?: boolean
}
