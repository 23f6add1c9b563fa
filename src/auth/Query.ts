/** What of a URL's query is looked at. */
export interface Query {
  /** Values of `token` that are not empty, in order. */
  readonly tokens: readonly string[]
  /** First value of `referrer`, else `referer`, that is not empty. */
  readonly label: string | null
}
