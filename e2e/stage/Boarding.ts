import type { ConnectOptions } from 'modelferry'

/** Options for `connect()` that can be sent to a page; `hubs` is the stage's hub unless given. */
export interface Boarding extends Omit<ConnectOptions, 'auth'> {
  /** Sent to the stage's hub, or to `tokenOrigins`. */
  readonly token?: string
  /** Given from the moment on in which the first one was refused, until it is refused in its turn. */
  readonly renewedToken?: string
  readonly tokenOrigins?: readonly string[]
  /** Whether the page goes by its {@link Account}, and tells the user's name, in place of `token`. */
  readonly accounts?: 'named' | 'unnamed'
}
