/** A token and the origins it was given for. */
export interface TokenSource {
  /** Gives the token each time it is needed; undefined or empty: none. */
  readonly token: () => Promise<string | undefined>
  /** As `https://host` or `https://host:port`. */
  readonly origins: readonly string[]
}
