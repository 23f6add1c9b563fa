/** What the stage's site answers under one path. */
export interface SiteAnswer {
  /** Default: 200. */
  readonly status?: number
  readonly headers: Readonly<Record<string, string>>
  /** How long the site takes to answer. */
  readonly delayMs?: number
  readonly body: string | Uint8Array
}
