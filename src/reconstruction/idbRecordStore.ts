import { createStore, del, get, keys, update } from 'idb-keyval'
import type { UseStore } from 'idb-keyval'
import { systemClock } from '../core/systemClock.ts'
import { memoryRecordStore } from './memoryRecordStore.ts'
import { readRecord } from './readRecord.ts'
import type { RecordStore } from './RecordStore.ts'

/** Opening a database can hang for good in some browsers; a healthy one answers within milliseconds. */
const patienceMs = 5_000

/**
 * Records in IndexedDB, in a database of their own that may be deleted at any time. It is opened at the
 * first use. Where IndexedDB fails (private windows, no room), records live in memory from then on: they
 * save requests, and are no reason for a file not to arrive.
 *
 * @param database name; another one only for tests
 */
export function idbRecordStore(database: string = 'modelferry-records'): RecordStore {
  const memory = memoryRecordStore()
  let failed = false
  let opened: UseStore | undefined
  const store = (): UseStore => (opened ??= createStore(database, 'records'))
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
