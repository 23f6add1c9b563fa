import type { ByteRange } from '../../core/ByteRange.ts'

/** A representation whose bytes can be had from anywhere. */
export interface Representation {
  readonly size: number
  /** Quoted strong ETag. */
  readonly etag: string
  readonly contentType: string
  /** Bytes `[start, end)`. */
  read(range: ByteRange): ReadableStream<Uint8Array>
}
