/** The signed-in user of a page of the stage, as stored by the page. */
export interface Account {
  readonly token?: string
  /** Returned after the first token was refused. */
  readonly renewedToken?: string
  /** Name of the user, for pages that pass it to modelferry. */
  readonly user?: string
  /** Whether the page fails to get its token. */
  readonly fails?: boolean
}
