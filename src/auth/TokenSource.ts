/** A token and the origins it was given for. */
export interface TokenSource {
  /**
   * Gives the token each time it is needed; undefined or empty: none.
   *
   * @param refused a token that was answered with 401: the one to use instead of it, or the same again where
   *   there is no other. Undefined when the refused one did not come from here.
   */
  readonly token: (refused?: string) => Promise<string | undefined>
  /** As `https://host` or `https://host:port`. */
  readonly origins: readonly string[]
}
