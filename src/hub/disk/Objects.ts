import type { ByteRange } from '../../core/ByteRange.ts'
import type { LargeObject } from './LargeObject.ts'
import type { StoredFile } from './StoredFile.ts'

/** Files by content, outside of any repository. */
export interface Objects {
  /** A file by its Xet hash. */
  file(hash: string): Promise<StoredFile | undefined>
  /** A large file by its SHA-256. */
  large(sha256: string): Promise<LargeObject | undefined>
  /** Files a checked file; an older entry of the same hash stays, since it has the same bytes. */
  putFile(file: StoredFile): Promise<void>
  /** Takes over plain bytes whose SHA-256 was checked. */
  putPlain(sha256: string, size: number, temporary: string): Promise<void>
  readPlain(sha256: string, range: ByteRange): ReadableStream<Uint8Array>
  /** Stores a git blob and returns its id. */
  putBlob(bytes: Uint8Array): Promise<string>
  readBlob(oid: string, range: ByteRange): ReadableStream<Uint8Array>
}
