/** What of a request is looked at; every `Request` is one. */
export interface AuthRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: Pick<Headers, 'get' | 'has'>
  /** Called at most once, and only when body tokens are allowed: the request itself stays unread. */
  clone(): { readonly body: ReadableStream<Uint8Array> | null }
}
