import type { ConnectOptions } from 'modelferry'

/** Options for `connect()` that can be sent to a page; `hubs` is the stage's hub unless given. */
export interface PageOptions extends Omit<ConnectOptions, 'auth'> {
  /** Sent to the stage's hub, or to `tokenOrigins`. */
  readonly token?: string
  /** Returned after the first token was refused, until it is refused too. */
  readonly renewedToken?: string
  readonly tokenOrigins?: readonly string[]
  /** Whether the page uses its {@link Account} in place of `token`, with or without the user's name. */
  readonly accounts?: 'named' | 'unnamed'
}
