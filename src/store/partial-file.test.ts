import { describe, expect, test } from 'vitest'
import { systemClock } from '../core/async.ts'
import type { JournalEntry } from './journal.ts'
import { OpenPartial, type OpenedFile } from './partial-file.ts'
import type { CatalogFile } from './store.ts'
import { type DataWriter, superseded } from './writer.ts'

const row = { hash: new Uint8Array(32), length: 4 }
const run = { xorb: '', chunk: 0, offset: 0, rows: [row] }
const emptied = new DOMException('The folder is gone.', 'NotFoundError')

/** A writer in memory, and what it was given. */
function memory(change: Partial<DataWriter> = {}): { writer: DataWriter; written: number[] } {
  const written: number[] = []
  const writer: DataWriter = {
    write: async (offset) => void written.push(offset),
    place: async ({ start, end }) => [
      { name: 'data', offset: start, at: start, length: end - start },
    ],
    keeps: () => true,
    read: async () => new Uint8Array(),
    append: async () => true,
    flush: async () => 1,
    trim: async () => undefined,
    close: async () => undefined,
    ...change,
  }
  return { writer, written }
}

/** A file that another writer continues when the folder of the first is gone. */
function opened(
  first: DataWriter,
  next: DataWriter,
  size = 8,
  commit: (patch: Partial<CatalogFile>) => void = () => undefined,
): OpenPartial {
  const entry = { content: 'xet:a', size, name: 'one', generation: 1 } as CatalogFile
  const folder = {} as OpenedFile['folder']
  return new OpenPartial(
    { entry, writer: first, folder },
    {
      held: [],
      options: {},
      catalog: {
        commit: async (_: unknown, __: number, patch: Partial<CatalogFile>) => {
          commit(patch)
          return entry
        },
        release: async () => false,
      } as never,
      chunks: { add: async () => undefined } as never,
      clock: systemClock,
      anew: async () => ({ entry: { ...entry, name: 'two', generation: 2 }, writer: next, folder }),
    },
  )
}

test('a write that fails because another call has begun the file anew is written to the new folder', async () => {
  let refuse: ((error: unknown) => void) | undefined
  const first = memory({
    write: async (offset) => {
      // Its handle was open when the folder was deleted; the catalog is asked afterwards.
      if (offset > 0) await new Promise((_, reject) => (refuse = reject))
    },
    append: () => Promise.reject(emptied),
  })
  const next = memory()
  const file = opened(first.writer, next.writer)
  await file.write(0, new Uint8Array(4))
  const late = file.write(4, new Uint8Array(4))
  const committed = file.commit(run)
  refuse?.(superseded('xet:a'))
  await Promise.all([late, committed])
  expect(next.written).toEqual([0, 4])
  expect(file.place).toBe('two')
  await file.close()
})

test('a write that another realm has superseded fails', async () => {
  const first = memory({ write: () => Promise.reject(superseded('xet:a')) })
  const file = opened(first.writer, memory().writer)
  await expect(file.write(0, new Uint8Array(4))).rejects.toMatchObject({ code: 'superseded' })
  await file.close()
})

test('a run that was written to the lost folder, and is not in memory any more, is not committed', async () => {
  const MiB = 2 ** 20
  const first = memory({ append: () => Promise.reject(emptied) })
  const placed: number[] = []
  const next = memory({ place: async ({ start }) => (placed.push(start), []) })
  const file = opened(first.writer, next.writer, 34 * MiB)
  for (let at = 0; at < 34; at += 1) await file.write(at * MiB, new Uint8Array(MiB))
  await expect(file.commit(run)).rejects.toMatchObject({ code: 'protocol', retryable: true })
  expect(placed).toEqual([])
  await file.commit({ ...run, offset: 33 * MiB })
  expect(placed).toEqual([33 * MiB])
  await file.close()
})

describe('the calls that a small file costs', () => {
  const counted = (size: number) => {
    const appended: JournalEntry[] = []
    const flushed: (readonly JournalEntry[])[] = []
    const commits: Partial<CatalogFile>[] = []
    const { writer } = memory({
      append: async (entry) => appended.push(entry) > 0,
      flush: async (entries) => flushed.push(entries),
    })
    const file = opened(writer, writer, size, (patch) => commits.push(patch))
    return { appended, flushed, commits, file }
  }

  test('a file of one run is journalled once and committed to the catalog once, complete', async () => {
    const { appended, flushed, commits, file } = counted(4)
    await file.write(0, new Uint8Array(4))
    await file.commit(run)
    await file.finish('xet')
    expect(appended).toEqual([])
    expect(flushed.map((entries) => entries.length)).toEqual([1])
    expect(commits).toMatchObject([{ state: 'complete', proof: 'xet', held: 4 }])
  })

  test('a run is journalled at once while the rest of the file is missing, and in a large file', async () => {
    for (const size of [8, 2 ** 22]) {
      const { appended, file } = counted(size)
      await file.write(size - 4, new Uint8Array(4))
      await file.commit({ ...run, offset: size - 4 })
      expect(appended).toHaveLength(1)
      await file.close()
    }
  })
})
