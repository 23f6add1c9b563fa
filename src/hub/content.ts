// Stored content: xorbs, files in xorbs, large files and git blobs, each found by its hash. Which repositories and callers
// it is visible to is decided by visibility.ts.

import type { ByteRange } from '../core/index.ts'

/** Files by content, outside of any repository. */
export interface Objects {
  /** A file by its Xet hash. */
  file(hash: string): Promise<StoredFile | undefined>
  /** A large file by its SHA-256; undefined also for one that is known to be damaged, so that it is uploaded again. */
  large(sha256: string): Promise<LargeObject | undefined>
  /** Stores a checked file; an existing entry of the same hash stays, unless its bytes are damaged. */
  putFile(file: StoredFile): Promise<void>
  /**
   * Stores plain bytes, after their length and SHA-256 were compared on disk.
   *
   * @throws HubRefusal 400 when they hash to something else
   */
  putPlain(sha256: string, size: number, temporary: string): Promise<void>
  readPlain(sha256: string, range: ByteRange): ReadableStream<Uint8Array>
  /** Collects the git blobs of a commit. */
  stageBlobs(): BlobStage
  readBlob(oid: string, range: ByteRange): ReadableStream<Uint8Array>
}

/** Git blobs of a commit that may still be refused; they are stored only when it is accepted. */
export interface BlobStage {
  /** Writes a blob, and returns its id. */
  add(bytes: Uint8Array): Promise<string>
  /** Moves all blobs to their places. */
  keep(): Promise<void>
  /** Removes blobs that were not kept. */
  drop(): Promise<void>
}

/** The xorbs of a hub: raw records on disk, their index in memory. */
export interface Xorbs {
  get(hash: string): StoredXorb | undefined
  /** The first intact xorb that holds a chunk. */
  holding(chunk: string): StoredXorb | undefined
  /** Whether a xorb is stored and was not found damaged. */
  isIntact(hash: string): boolean
  /**
   * Stores a checked upload.
   *
   * @param temporary a temporary file that contains only chunk records
   * @param chunks its chunks
   * @returns false when the xorb was stored already and is intact; the upload is then deleted
   */
  put(hash: string, temporary: string, chunks: readonly StoredChunk[]): Promise<boolean>
  /**
   * Stored bytes of a xorb, headers of the records included. Each chunk is compared with its hash before it is
   * delivered; the stream errors at a damaged one.
   *
   * @throws HubRefusal 500 when the range is known to be damaged
   */
  read(hash: string, range: ByteRange): ReadableStream<Uint8Array>
  /** The same for a small range, at once. */
  readAll(hash: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer>>
}

/** The object of a SHA-256: a file in xorbs, or plain bytes. */
export interface LargeObject {
  readonly sha256: string
  readonly size: number
  /** Xet file hash; undefined: plain bytes. */
  readonly xetHash?: string
  /** Plain bytes: SHA-256 of each 4 MiB, base64. Added to objects of older folders at their first read. */
  readonly blocks?: readonly string[]
  /** Set when the bytes were found damaged; a new upload replaces them. */
  readonly damaged?: true
}

/** A chunk record within a stored xorb. */
export interface StoredChunk {
  /** Printed hash of the unpacked bytes. */
  readonly hash: string
  /** Where its record begins in the xorb. */
  readonly offset: number
  /** Bytes of the record, header included. */
  readonly stored: number
  /** Bytes of the chunk when unpacked. */
  readonly length: number
}

/** A file in xorbs. */
export interface StoredFile {
  /** Xet file hash. */
  readonly hash: string
  readonly size: number
  /** Ordinary hex, when the shard gave one. */
  readonly sha256?: string
  readonly terms: readonly StoredTerm[]
}

/** Chunks `[start, end)` of a xorb that form a range of a file. */
export interface StoredTerm {
  readonly xorb: string
  readonly start: number
  readonly end: number
  /** Bytes when unpacked. */
  readonly length: number
}

/** The index of a xorb. */
export interface StoredXorb {
  readonly hash: string
  /** 1, 2, ... in the order of arrival. */
  readonly sequence: number
  /** Bytes of all records. */
  readonly bytes: number
  readonly chunks: readonly StoredChunk[]
}
