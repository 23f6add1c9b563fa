/** Which front end is asking: a label and where it may be shown. It identifies, it never authenticates. */
export interface Frontend {
  /** Sent as `x-app-id`. */
  readonly app: string
  readonly origins: readonly string[]
}
