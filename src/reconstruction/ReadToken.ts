/** A CAS read token. In memory only. */
export interface ReadToken {
  readonly accessToken: string
  /** Base of the CAS, without a slash at its end. */
  readonly casUrl: string
  /** Local epoch milliseconds from which it is not used any more. */
  readonly renewAt: number
  /** Where it came from, which is where the next one comes from. */
  readonly tokenUrl: string
  readonly authorization?: string
}
