import * as v from 'valibot'
import { openDatabase } from '../platform/index.ts'
import { withTimeout, type ByteRange } from '../core/index.ts'
import { del, get, keys, promisifyRequest } from 'idb-keyval'
import type { CallOptions } from '../net/index.ts'
import type { FileInfo } from '../data/index.ts'

/** Keeps records for the lifetime of this realm. */
export function memoryRecordStore(): RecordStore {
  const records = new Map<string, ReconstructionRecord>()
  return {
    get: async (content) => records.get(content),
    update: async (content, change) => {
      records.set(content, change(records.get(content)))
    },
    remove: async (content) => {
      records.delete(content)
    },
    contents: async () => [...records.keys()],
  }
}

/** A schema for whole numbers that are exact. */
export function wholeFrom(
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): v.GenericSchema<number> {
  const fits = (value: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most
  return v.pipe(v.number(), v.check(fits, `expected a whole number from ${least} to ${most}`))
}

/** A schema for texts of one form. */
export function textLike(form: RegExp): v.GenericSchema<string> {
  return v.pipe(
    v.string(),
    v.check((text) => form.test(text), `expected ${form}`),
  )
}

/** A schema for the hashes of files and xorbs. */
export const hash: v.GenericSchema<string> = textLike(/^[0-9a-f]{64}$/)

const whole = wholeFrom(0)
const range = v.pipe(
  v.object({ start: whole, end: whole }),
  v.check(({ start, end }) => start <= end),
)
const block = v.object({
  range,
  runs: v.array(v.object({ xorb: v.string(), chunks: range, offset: whole, length: whole })),
  descriptors: v.array(
    v.object({ xorb: v.string(), chunks: range, bytes: range, url: v.string() }),
  ),
  fetchedAt: v.number(),
  deadline: v.nullable(v.number()),
  skew: v.number(),
  generation: wholeFrom(1),
})

const record = v.object({ info: v.optional(v.object({ url: v.string() })), blocks: v.array(block) })

/**
 * Parses a stored record: another version of modelferry, or other code of this origin, may have written the value.
 */
function readRecord(stored: unknown): ReconstructionRecord | undefined {
  const parsed = v.safeParse(record, stored, { abortEarly: true })
  return parsed.success ? parsed.output : undefined
}

/** Opening a database can hang permanently in some browsers; a healthy one answers within milliseconds. */
const databaseLimitMs = 5_000

/**
 * Keeps records in a separate IndexedDB database that may be deleted at any time. If
 * IndexedDB fails (private windows, no space), records are kept in memory from then on: they only save requests, and
 * must not fail a file.
 *
 * @param database name; tests use another one
 */
export function idbRecordStore(database: string = 'modelferry-records'): RecordStore {
  const memory = memoryRecordStore()
  let failed = false
  const store = openDatabase(database, 'records')
  const orMemory = async <T>(stored: () => Promise<T>, held: () => Promise<T>): Promise<T> => {
    if (failed) return await held()
    try {
      return await withTimeout(stored(), databaseLimitMs, '')
    } catch {
      failed = true
      return await held()
    }
  }
  return {
    get: (content) =>
      orMemory(
        async () => readRecord(await get<unknown>(content, store)),
        () => memory.get(content),
      ),
    update: (content, change) =>
      orMemory(
        () =>
          store.change(async (records) => {
            const stored = await promisifyRequest<unknown>(records.get(content))
            records.put(change(readRecord(stored)), content)
          }),
        () => memory.update(content, change),
      ),
    remove: (content) =>
      orMemory(
        () => del(content, store),
        () => memory.remove(content),
      ),
    contents: () =>
      orMemory(
        () => keys<string>(store),
        () => memory.contents(),
      ),
  }
}

/** Credential, deadline and wait listener of a call. */
export interface AskOptions extends CallOptions {
  /** `Authorization` for the hub of the file; never sent to another origin, never stored. */
  readonly authorization?: string | undefined
  /**
   * Whether the call is made before its caller needs the block: the next caller then joins it also if it has failed a
   * moment before, so that it costs no call more.
   */
  readonly ahead?: boolean
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
  /** Stored by earlier releases only. */
  readonly info?: Pick<FileInfo, 'url'> | undefined
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
  readonly content: string
  /** The file's own URL, not a signed one. */
  readonly url: string
  readonly generation: number
}
