/** What only the hub knows. */
export interface Secrets {
  /** Keys everything that is signed. */
  readonly key: Uint8Array
  /** Grows with every `expireUrls`; URLs signed in an earlier epoch are refused. */
  readonly epoch: number
  /** Begins a new epoch, for ever. */
  nextEpoch(): Promise<void>
}
