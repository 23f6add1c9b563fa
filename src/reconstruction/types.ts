import type { ByteRange } from '../core/index.ts'
import type { CallOptions } from '../net/index.ts'
import type { FileInfo } from '../protocol/index.ts'

/** Credential, deadline and wait listener of a call. */
export interface AskOptions extends CallOptions {
  /** `Authorization` for the hub of the file; never sent to another origin, never stored. */
  readonly authorization?: string | undefined
}

/** The result of one reconstruction request: a range of the file, the runs that cover it, the URLs for them. */
export interface Block {
  /** The requested file range; runs may begin before and end after it (chunk boundaries). */
  readonly range: ByteRange
  readonly runs: readonly Run[]
  readonly descriptors: readonly Descriptor[]
  /** Local epoch milliseconds when it arrived. */
  readonly fetchedAt: number
  /** Epoch milliseconds by the server's clock when the first URL expires; null: unknown, use until refused. */
  readonly deadline: number | null
  /** Server clock minus local clock, milliseconds, as estimated at arrival. */
  readonly skew: number
  /** 1, 2, ... grows with every renewal of this block. */
  readonly generation: number
}

/** One signed byte range of one xorb, with its chunks. Its URL expires. */
export interface Descriptor {
  readonly xorb: string
  readonly chunks: ByteRange
  /** Bytes within the xorb, `end` EXCLUSIVE (the wire says inclusive; converted on parse). */
  readonly bytes: ByteRange
  /** Exactly as received: reordering or re-encoding breaks the signature. */
  readonly url: string
}

/**
 * A term with its position: chunks of one xorb that form a range of the file. `offset` is the file offset of the
 * first byte of the first chunk; `length` is the uncompressed length of all its chunks. Terms do not expire.
 */
export interface Run {
  readonly xorb: string
  readonly chunks: ByteRange
  readonly offset: number
  readonly length: number
}

/** The stored state of a file's reconstruction; it may be deleted at any time. No tokens. */
export interface ReconstructionRecord {
  readonly info?: FileInfo
  /** One per requested file range. */
  readonly blocks: readonly Block[]
}

/** Storage of records, by content id ({@link FileInfo.content}). */
export interface RecordStore {
  get(content: string): Promise<ReconstructionRecord | undefined>
  /** Reads and writes atomically, across realms too. `change` may run again when storage fails. */
  update(
    content: string,
    change: (record: ReconstructionRecord | undefined) => ReconstructionRecord,
  ): Promise<void>
  remove(content: string): Promise<void>
  /** Content ids of all records. */
  contents(): Promise<readonly string[]>
}

/** A block's URLs were renewed. */
export interface RenewedEvent {
  readonly type: 'renewed'
  readonly content: string
  /** The file's own URL, not a signed one. */
  readonly url: string
  readonly generation: number
  /** Whether the runs differ from those of the previous block: plans from it must be made again. */
  readonly changed: boolean
}
