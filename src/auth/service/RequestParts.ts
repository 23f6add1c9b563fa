/** What of a request its signature covers. */
export interface RequestParts {
  readonly method: string
  /** Absolute. Path and query are covered; scheme and host are not, so that a proxy may change them. */
  readonly url: string
  /** Whole; a text is taken as UTF-8. Default: empty. */
  readonly body?: Uint8Array | string
  /** Value of the decision header that goes with it. Default: none. */
  readonly decision?: string
}
