/** What a page got from a fetch. */
export interface Fetched {
  /** 0 when no headers arrived. */
  readonly status: number
  /** URL of the response; empty when there is none. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Received bytes: all of them, or those before the failure. */
  readonly size: number
  /** Hash of those bytes, hex digits; empty on insecure pages, which cannot hash. */
  readonly sha256: string
  /** Error of the fetch or its body; undefined when both succeeded. */
  readonly failure?: string
  /** The body as text, when it is short. */
  readonly text?: string
}
