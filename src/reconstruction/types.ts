import type { ByteRange } from '../core/index.ts'
import type { CallOptions } from '../net/index.ts'
import type { FileInfo } from '../protocol/index.ts'

/** On whose behalf a call is made, until when, and who hears that it waits. */
export interface AskOptions extends CallOptions {
  /** `Authorization` for the hub the file was asked from; never sent to another origin, never stored. */
  readonly authorization?: string | undefined
}

/** The answer to one reconstruction call: a range of the file, the runs that cover it, the URLs for them. */
export interface Block {
  /** The file range that was asked for; runs may begin before and end after it (chunk boundaries). */
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

/** One signed byte range of one xorb, with the chunks it holds. Goes stale. */
export interface Descriptor {
  readonly xorb: string
  readonly chunks: ByteRange
  /** Bytes within the xorb, `end` EXCLUSIVE (the wire says inclusive; converted on parse). */
  readonly bytes: ByteRange
  /** Exactly as received: reordering or re-encoding breaks the signature. */
  readonly url: string
}

/**
 * A term with its place: chunks of one xorb that make a stretch of the file. `offset` is where the first
 * byte of the first chunk lies in the file; `length` is what all its chunks unpack to. Terms do not go stale.
 */
export interface Run {
  readonly xorb: string
  readonly chunks: ByteRange
  readonly offset: number
  readonly length: number
}

/** What is remembered about a file's reconstruction between sessions; may vanish without harm. No tokens. */
export interface ReconstructionRecord {
  readonly info?: FileInfo
  /** One per file range asked for. */
  readonly blocks: readonly Block[]
}

/** Where records live, by content id ({@link FileInfo.content}). */
export interface RecordStore {
  get(content: string): Promise<ReconstructionRecord | undefined>
  /** Reads and writes as one step, across realms too. `change` may run again when storage fails. */
  update(
    content: string,
    change: (record: ReconstructionRecord | undefined) => ReconstructionRecord,
  ): Promise<void>
  remove(content: string): Promise<void>
  /** Of what there are records. */
  contents(): Promise<readonly string[]>
}

/** A block's URLs were replaced by fresh ones. */
export interface RenewedEvent {
  readonly type: 'renewed'
  readonly content: string
  /** The file's own address, not a signed one. */
  readonly url: string
  readonly generation: number
  /** Whether the runs differ from those of the block before: what was planned from it must be planned anew. */
  readonly changed: boolean
}
