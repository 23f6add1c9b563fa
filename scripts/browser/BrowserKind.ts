/** A browser that tests need. */
export interface BrowserKind {
  /** Name in messages: "Chromium or Chrome". */
  readonly name: string
  /** Environment variables that name the program, in order of precedence. */
  readonly variables: readonly [string, ...string[]]
  /** Pattern of its `--version` output. */
  readonly says: RegExp
  /** Possible paths, most likely first. */
  readonly candidates: (
    platform: NodeJS.Platform,
    env: Readonly<Record<string, string | undefined>>,
  ) => readonly string[]
}
