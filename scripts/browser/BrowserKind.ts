/** A browser that tests need. */
export interface BrowserKind {
  /** As it reads in a message: "Chromium or Chrome". */
  readonly name: string
  /** Environment variables that name the program, the first one before the others. */
  readonly variables: readonly [string, ...string[]]
  /** What its `--version` says. */
  readonly says: RegExp
  /** Where it may be installed, likeliest first. */
  readonly candidates: (
    platform: NodeJS.Platform,
    env: Readonly<Record<string, string | undefined>>,
  ) => readonly string[]
}
