/** A hub token and what it opens. Names are `owner/name`, `datasets/owner/name`, `spaces/owner/name`, or `*`. */
export interface AccessToken {
  /** The token itself, as sent behind `Bearer`. */
  readonly token: string
  /** Gated and private repositories it may read. Public ones need no token. Default: those it may write. */
  readonly read?: readonly string[]
  /** Repositories it may create and change. Default: none. */
  readonly write?: readonly string[]
}
