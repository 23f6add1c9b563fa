/** What a problem document tells, as RFC 9457 names it. Nothing of the request belongs in here. */
export interface Problem {
  readonly status: number
  /** Default: `about:blank`, which means no more than the status. */
  readonly type?: string
  readonly title: string
  readonly detail: string
  /** Names of the policies in `RateLimit-Policy` that were exceeded. */
  readonly violated?: readonly string[]
  /** Besides content type and `cache-control: no-store`. */
  readonly headers?: Readonly<Record<string, string>>
}
