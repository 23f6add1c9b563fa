import 'fake-indexeddb/auto'
import { createStore, set } from 'idb-keyval'
import { expect, test, vi } from 'vitest'
import { type Block, idbRecordStore, memoryRecordStore } from './record-store.ts'
import { withBlock } from './reconstructions.ts'

const block = (start: number, fetchedAt: number = start): Block => ({
  range: { start, end: start + 10 },
  runs: [{ xorb: 'a', chunks: { start: 0, end: 1 }, offset: start, length: 10 }],
  descriptors: [
    {
      xorb: 'a',
      chunks: { start: 0, end: 1 },
      bytes: { start: 0, end: 18 },
      url: 'https://a/?S=1',
    },
  ],
  fetchedAt,
  deadline: null,
  skew: 0,
  generation: 1,
})

let databases = 0
const fresh = (): string => `test-${++databases}`

test.each([
  ['memory', memoryRecordStore],
  ['IndexedDB', () => idbRecordStore(fresh())],
])('%s stores, updates and deletes records', async (_, make) => {
  const store = make()
  expect(await store.get('c')).toBeUndefined()
  await store.update('c', (record) => withBlock(record, block(0)))
  await store.update('c', (record) => withBlock(record, block(10)))
  expect(await store.get('c')).toEqual({ blocks: [block(10), block(0)] })
  expect(await store.get('d')).toBeUndefined()
  expect(await store.contents()).toEqual(['c'])
  await store.remove('c')
  expect(await store.contents()).toEqual([])
  expect(await store.get('c')).toBeUndefined()
})

test('another realm sees the record, and concurrent updates lose nothing', async () => {
  const name = fresh()
  const [one, other] = [idbRecordStore(name), idbRecordStore(name)]
  const changes = Array.from({ length: 10 }, (_, index) =>
    (index % 2 === 0 ? one : other).update('c', (record) => withBlock(record, block(10 * index))),
  )
  await Promise.all(changes)
  expect((await idbRecordStore(name).get('c'))?.blocks).toHaveLength(10)
})

test.each([
  ['a text', 'nonsense'],
  ['an older format', { blocks: [{ range: [0, 1] }] }],
  ['a block with a negative offset', { blocks: [{ ...block(0), generation: 0 }] }],
  ['a broken info', { info: { url: 1 }, blocks: [] }],
])('%s in the database counts as no record, and is replaced', async (_, stored) => {
  const name = fresh()
  await set('c', stored, createStore(name, 'records'))
  const store = idbRecordStore(name)
  expect(await store.get('c')).toBeUndefined()
  await store.update('c', (record) => withBlock(record, block(0)))
  expect(await store.get('c')).toEqual({ blocks: [block(0)] })
})

test('without a database, records are kept in memory', async () => {
  const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('not here', 'SecurityError')
  })
  const store = idbRecordStore(fresh())
  await store.update('c', (record) => withBlock(record, block(0)))
  open.mockRestore()
  expect(await store.get('c')).toEqual({ blocks: [block(0)] })
})

test('a record stays small: the oldest blocks are removed first', () => {
  let record = withBlock(undefined, block(0))
  for (let index = 1; index < 100; index++) record = withBlock(record, block(10 * index))
  const starts = record.blocks.map(({ range }) => range.start)
  expect(starts).toHaveLength(64)
  expect(Math.min(...starts)).toBe(360)
  expect(withBlock(record, { ...block(990), generation: 2 }).blocks).toHaveLength(64)
})
