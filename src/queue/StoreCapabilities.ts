/** What a limit store can promise. */
export interface StoreCapabilities {
  /** Whether check and change are one step. A queue takes no store without it. */
  readonly atomic: boolean
  /** Whether several processes share it. */
  readonly distributed: boolean
  /** Whether what was written is what is read next, everywhere. */
  readonly strong: boolean
  /** Milliseconds: the shortest life it can give an entry. */
  readonly minTtlMs: number
}
