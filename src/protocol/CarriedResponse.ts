/** A response as data; a stream is transferred, a blob is a handle. */
export interface CarriedResponse {
  readonly url: string
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Blob | ReadableStream<Uint8Array<ArrayBuffer>> | null
}
