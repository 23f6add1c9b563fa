import * as v from 'valibot'
import { openDatabase, systemClock } from '../core/index.ts'
import { del, get, keys, update, type UseStore } from 'idb-keyval'
import type { ReconstructionRecord, RecordStore } from './types.ts'

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

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const range = v.pipe(
  v.object({ start: whole, end: whole }),
  v.check(({ start, end }) => start <= end),
)
const text = v.exactOptional(v.string())

const info = v.object({
  url: v.string(),
  size: whole,
  content: v.string(),
  xetHash: text,
  sha256: text,
  etag: text,
  commit: text,
  contentType: text,
  tokenUrl: text,
  reconstructionUrl: text,
  ranges: v.exactOptional(v.boolean()),
  fetchedAt: v.number(),
})

const block = v.object({
  range,
  runs: v.array(v.object({ xorb: v.string(), chunks: range, offset: whole, length: whole })),
  descriptors: v.array(
    v.object({ xorb: v.string(), chunks: range, bytes: range, url: v.string() }),
  ),
  fetchedAt: v.number(),
  deadline: v.nullable(v.number()),
  skew: v.number(),
  generation: v.pipe(whole, v.minValue(1)),
})

const record = v.object({ info: v.exactOptional(info), blocks: v.array(block) })

/**
 * Parses a stored record: another version of modelferry, or other code of this origin, may have written the value.
 */
export function readRecord(stored: unknown): ReconstructionRecord | undefined {
  const parsed = v.safeParse(record, stored, { abortEarly: true })
  return parsed.success ? parsed.output : undefined
}

/** Opening a database can hang permanently in some browsers; a healthy one answers within milliseconds. */
const patienceMs = 5_000

/**
 * Keeps records in a separate IndexedDB database that may be deleted at any time. It is opened at the first use. If
 * IndexedDB fails (private windows, no space), records are kept in memory from then on: they only save requests, and
 * must not fail a file.
 *
 * @param database name; tests use another one
 */
export function idbRecordStore(database: string = 'modelferry-records'): RecordStore {
  const memory = memoryRecordStore()
  let failed = false
  let opened: UseStore | undefined
  const store = (): UseStore => (opened ??= openDatabase(database, 'records'))
  const orMemory = async <T>(stored: () => Promise<T>, held: () => Promise<T>): Promise<T> => {
    if (failed) return await held()
    try {
      return await inTime(stored())
    } catch {
      failed = true
      return await held()
    }
  }
  return {
    get: (content) =>
      orMemory(
        async () => readRecord(await get<unknown>(content, store())),
        () => memory.get(content),
      ),
    update: (content, change) =>
      orMemory(
        () => update<unknown>(content, (stored) => change(readRecord(stored)), store()),
        () => memory.update(content, change),
      ),
    remove: (content) =>
      orMemory(
        () => del(content, store()),
        () => memory.remove(content),
      ),
    contents: () =>
      orMemory(
        () => keys<string>(store()),
        () => memory.contents(),
      ),
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = systemClock.sleep(patienceMs, timer.signal).then(() => {
    throw new Error(`IndexedDB did not answer within ${patienceMs} ms`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    timer.abort()
  }
}
