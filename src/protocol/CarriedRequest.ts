/** A request as data, since a Request cannot cross a realm. */
export interface CarriedRequest {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body?: ArrayBuffer
  readonly mode: RequestMode
  readonly cache: RequestCache
  readonly credentials: RequestCredentials
  readonly redirect: RequestRedirect
  /** Digests that the body has to have; empty: none. */
  readonly integrity: string
}
