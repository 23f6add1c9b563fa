/** One compressed block, and the room it may fill. All offsets are in bytes. */
export interface Lz4Block {
  readonly input: Uint8Array
  /** Where the block starts in `input`. */
  readonly from: number
  /** Where it ends in `input`, exclusive. */
  readonly end: number
  readonly output: Uint8Array
  /** Where its first byte goes in `output`. */
  readonly at: number
  /** Where it must have ended in `output`, exclusive. */
  readonly limit: number
  /** Matches may reach back to here in `output`: `at` for an independent block, 0 for a linked one. */
  readonly floor: number
}
