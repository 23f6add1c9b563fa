/** Where a command writes. */
export interface Output {
  /** Writes a line for the user, or a line of the log. */
  readonly print: (line: string) => void
  /** Writes one that is no result. */
  readonly note: (line: string) => void
}
