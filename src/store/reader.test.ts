import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../core/async.ts'
import type { CatalogFile } from './store.ts'
import { Folder, type Root } from './folder.ts'
import { readAnnounced } from './reader.ts'

const range = { start: 2, end: 5 }
const journalled = new Uint8Array([7, 7, 7])

function handle(byte: number): object {
  const file = new Blob([new Uint8Array(9).fill(byte)])
  return { getFileHandle: async () => ({ getFile: async () => file }) }
}

/** Folders of one data file each, whose bytes are determined by the folder's name. */
function root(folders: Record<string, number>): Pick<Root, 'run'> {
  const getDirectoryHandle = async (name: string): Promise<object> => handle(folders[name] ?? 0)
  const folder = { getDirectoryHandle } as unknown as FileSystemDirectoryHandle
  return { run: (work) => work(folder) }
}

function entry(name: string, more: Partial<CatalogFile> = {}): CatalogFile {
  return {
    content: 'etag:1',
    size: 9,
    name,
    state: 'partial',
    driver: 'sync',
    generation: 1,
    journal: { generation: 1, count: 1 },
    createdAt: 0,
    lastUsed: 0,
    pinned: false,
    held: 0,
    parts: [],
    ...more,
  }
}

function read(now: CatalogFile, place: string | undefined): Promise<Uint8Array> {
  const folders = root({ announced: 3, anew: 0 })
  return readAnnounced(
    {
      clock: systemClock,
      entry: async () => now,
      folder: (name) => new Folder({ root: folders, clock: systemClock }, name),
      peek: async () => journalled,
    },
    range,
    () => place,
  )
}

test('bytes that do not appear are not waited for, also when the clock of the device is set back', async () => {
  let now = 86_400_000
  const clock: Clock = { now: () => (now -= 1000), sleep: async () => undefined }
  const folder = (name: string): Folder => new Folder({ root: root({}), clock }, name)
  const nothing = async (): Promise<undefined> => undefined
  const reading = readAnnounced(
    { clock, entry: nothing, folder, peek: nothing },
    range,
    () => undefined,
  )
  await expect(reading).rejects.toMatchObject({ code: 'storage' })
})

test('announced bytes are read from the folder of their writer', async () => {
  expect(await read(entry('announced'), 'announced')).toEqual(new Uint8Array([3, 3, 3]))
})

test.each([
  ['that was started again meanwhile', 'announced'],
  ['of a writer without a given folder', undefined],
])('from a file %s only bytes in its journal are read', async (_, place) => {
  expect(await read(entry('anew'), place)).toEqual(journalled)
})

test('a file that was finished meanwhile needs no journal, in any folder', async () => {
  const parts = [{ name: 'piece', offset: 0, at: 0, length: 9 }]
  const finished = entry('announced', { state: 'complete', driver: 'pieces', parts })
  expect(await read(finished, undefined)).toEqual(new Uint8Array([3, 3, 3]))
})
