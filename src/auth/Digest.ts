/** SHA-256 of a token, in both forms that are needed. */
export interface Digest {
  readonly bytes: Uint8Array
  /** 64 lower-case hex digits. */
  readonly hex: string
}
