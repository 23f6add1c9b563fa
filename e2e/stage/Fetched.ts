/** What a page got from a fetch. */
export interface Fetched {
  /** 0 when not even headers came. */
  readonly status: number
  /** As the answer says it; empty when there is none. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Bytes that came, all of them or those before the failure. */
  readonly size: number
  /** Of those bytes, hex digits; empty on insecure pages, which have no way to hash. */
  readonly sha256: string
  /** What the fetch or its body failed with; undefined when both ended well. */
  readonly failure?: string
  /** The body as text, when it is short. */
  readonly text?: string
}
