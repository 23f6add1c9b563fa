/** A chunk that is already on the device: read its bytes with `store.peek` and check them by `hash`. */
export interface HeldChunk {
  /** The stored file that holds it. */
  readonly content: string
  /** Index within the xorb. */
  readonly chunk: number
  /** First byte in the stored file. */
  readonly offset: number
  readonly length: number
  /** 32 raw bytes. */
  readonly hash: Uint8Array<ArrayBuffer>
}
