/** A SHA-256 over bytes that arrive in parts. */
export interface Sha256 {
  update(bytes: Uint8Array): void
  /** Ordinary lower-case hex of everything so far. Ends the hash: no call may follow. */
  hex(): string
}
