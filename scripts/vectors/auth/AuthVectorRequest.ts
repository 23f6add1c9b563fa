/** A request of a vector file. */
export interface AuthVectorRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  /** Header lines in order; a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string | undefined
  /** Address of the socket. */
  readonly peer: string | null
}
