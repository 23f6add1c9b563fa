/** An answer of the hub that is no file: reaches the page unchanged. */
export interface Refusal {
  readonly status: number
  readonly statusText: string
  /** Readable headers, lower-case names. */
  readonly headers: readonly (readonly [string, string])[]
  /** At most 64 KiB. */
  readonly body: Uint8Array<ArrayBuffer>
}
