import type { StoredChunk } from './StoredChunk.ts'

/** What the hub knows of a xorb without opening it. */
export interface StoredXorb {
  readonly hash: string
  /** 1, 2, ... in the order of arrival. */
  readonly sequence: number
  /** Bytes of all records. */
  readonly bytes: number
  readonly chunks: readonly StoredChunk[]
}
