/** Who is signed in to a page of the stage, as the page remembers it. */
export interface Account {
  readonly token?: string
  /** Given in place of the token once that was refused. */
  readonly renewedToken?: string
  /** Name of the user, for pages that tell it. */
  readonly user?: string
  /** Whether the page fails to get its token. */
  readonly fails?: boolean
}
