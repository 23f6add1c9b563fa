import type { ByteRange } from '../../core/ByteRange.ts'
import type { StoredChunk } from './StoredChunk.ts'
import type { StoredXorb } from './StoredXorb.ts'

/** The xorbs of a hub: raw records on disk, their index in memory. */
export interface Xorbs {
  get(hash: string): StoredXorb | undefined
  /** The first stored xorb that holds a chunk. */
  holding(chunk: string): StoredXorb | undefined
  /**
   * Takes over a checked upload.
   *
   * @param temporary an unfinished file with nothing but chunk records
   * @param chunks what is in it
   * @returns false when the xorb was there already; the upload is dropped then
   */
  put(hash: string, temporary: string, chunks: readonly StoredChunk[]): Promise<boolean>
  /** Stored bytes of a xorb, headers of the records included. */
  read(hash: string, range: ByteRange): ReadableStream<Uint8Array>
  /** The same for a small range, at once. */
  readAll(hash: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer>>
}
