/** The answer of the stage's site for one path. */
export interface SiteAnswer {
  /** Default: 200. */
  readonly status?: number
  readonly headers: Readonly<Record<string, string>>
  /** Delay of the answer. */
  readonly delayMs?: number
  readonly body: string | Uint8Array
}
