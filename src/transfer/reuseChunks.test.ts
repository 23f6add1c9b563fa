import { expect, test, vi } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import type { ChunkRow } from '../codec/chunk.ts'
import type { Block } from '../reconstruction/types.ts'
import { Ledger } from './proof.ts'
import { reuseChunks } from './reuse.ts'
import { MemoryStore } from './testing/MemoryStore.ts'

const hasher = await createHasher()
const mebi = 2 ** 20
const length = 100_000
const count = 120
const bytes = new Uint8Array(count * length).map((_, at) => (at * 7) ^ (at >> 11))
const rows: ChunkRow[] = Array.from({ length: count }, (_, index) => ({
  length,
  hash: hasher.chunk(bytes.subarray(index * length, (index + 1) * length)),
}))

/** A device that holds some chunks of the xorb in another file. */
async function device(from: number, to: number): Promise<MemoryStore> {
  const store = new MemoryStore(hasher)
  const file = await store.begin('other', bytes.length)
  await file.write(from * length, bytes.subarray(from * length, to * length))
  const run = { xorb: 'x', chunk: from, offset: from * length, rows: rows.slice(from, to) }
  await file.commit(run)
  await file.close()
  return store
}

const block: Block = {
  range: { start: 0, end: bytes.length },
  runs: [{ xorb: 'x', chunks: { start: 0, end: count }, offset: 0, length: bytes.length }],
  descriptors: [],
  fetchedAt: 0,
  deadline: null,
  skew: 0,
  generation: 1,
}

async function reuse(
  store: MemoryStore,
  signal?: AbortSignal,
): Promise<{ copied: number; ledger: Ledger }> {
  const ledger = new Ledger(bytes.length, hasher)
  const file = await store.begin('new', bytes.length)
  const tools = { store: store.asStore, hasher, ...(signal && { signal }) }
  const copied = await reuseChunks(block, ledger, file, tools)
  const { held } = store.files.get('new')!
  expect(held.ranges).toEqual(ledger.held.ranges)
  expect(held.size).toBe(copied)
  return { copied, ledger }
}

test('a whole run is copied in stretches of a few MiB, and right', async () => {
  const store = await device(0, count)
  const peek = vi.spyOn(store, 'peek')
  const { copied, ledger } = await reuse(store)
  expect(copied).toBe(bytes.length)
  expect(Buffer.compare(store.files.get('new')!.bytes, bytes)).toBe(0)
  expect(ledger.held.covers(block.range)).toBe(true)
  const reads = peek.mock.calls.map(([, { start, end }]) => end - start)
  expect(Math.max(...reads)).toBeLessThanOrEqual(4 * mebi)
  expect(reads.length).toBeLessThanOrEqual(3)
})

test.each([
  ['its beginning', 0, 50],
  ['its end', 70, count],
])('%s is copied to where it belongs', async (_, from, to) => {
  const store = await device(from, to)
  const { copied, ledger } = await reuse(store)
  expect(copied).toBe((to - from) * length)
  expect(ledger.held.ranges).toEqual([{ start: from * length, end: to * length }])
  const stretch = store.files.get('new')!.bytes.subarray(from * length, to * length)
  expect(Buffer.compare(stretch, bytes.subarray(from * length, to * length))).toBe(0)
})

test('the middle has no known place, and another xorb is no source', async () => {
  expect((await reuse(await device(50, 70))).copied).toBe(0)
  expect((await reuse(new MemoryStore(hasher))).copied).toBe(0)
})

test('from a damaged chunk on, the rest is left to the network', async () => {
  const store = await device(0, count)
  store.files.get('other')!.bytes[60 * length]! ^= 1
  const { copied, ledger } = await reuse(store)
  expect(copied).toBeGreaterThan(0)
  expect(copied).toBeLessThan(60 * length)
  expect(ledger.held.ranges[0]?.start).toBe(0)
})

test('bytes that went between plan and copy are no fault', async () => {
  const store = await device(0, count)
  store.peek = async () => undefined
  expect((await reuse(store)).copied).toBe(0)
})

test('an abort ends it between two reads', async () => {
  const store = await device(0, count)
  const abort = new AbortController()
  const peek = store.peek.bind(store)
  store.peek = (...args) => {
    abort.abort(new Error('enough'))
    return peek(...args)
  }
  await expect(reuse(store, abort.signal)).rejects.toThrow('enough')
})
