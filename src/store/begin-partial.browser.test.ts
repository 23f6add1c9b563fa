import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { openStore } from './opfs-store.ts'
import { runLength } from './runs.ts'
import type { Store } from './store.ts'
import { check } from './testing/check.ts'
import { makeModel } from './testing/makeModel.ts'
import type { Model } from './testing/makeModel.ts'
import { writeRun } from './testing/writeRun.ts'
import type { WriteOrder } from './testing/writer.worker.ts'

const hasher = await createHasher()
const size = 6_000_000
let root: string
let store: Store

beforeEach(async () => {
  root = `test-${crypto.randomUUID()}`
  store = await openStore({ hasher, root })
})

afterEach(async () => {
  await store.clear()
})

interface Report {
  begun?: number[]
  flushed?: number
  done?: boolean
  error?: string
}

/** Starts the writer and calls `see` for each of its reports; `true` from `see` terminates the worker. */
function write(
  order: Omit<WriteOrder, 'root' | 'size'>,
  see: (report: Report) => boolean,
): Promise<void> {
  const worker = new Worker(new URL('./testing/writer.worker.ts', import.meta.url), {
    type: 'module',
  })
  return new Promise<void>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<Report>) => {
      if (data.error !== undefined) reject(new Error(data.error))
      else if (see(data) || data.done === true) resolve()
    })
    worker.addEventListener('error', ({ message }) => reject(new Error(message)))
    worker.postMessage({ ...order, root, size })
  }).finally(() => worker.terminate())
}

async function isWhole(model: Model): Promise<void> {
  const file = await store.file(model.content)
  check.bytes(new Uint8Array((await file?.arrayBuffer()) ?? []), model.bytes, 'finished file')
}

describe.for(['sync', 'pieces'] as const)('a worker that writes by %s', (driver) => {
  test('may be terminated at any moment, and its flushed bytes survive', async () => {
    const seed = 21
    const model = makeModel(hasher, seed, size)
    const survives = new Set<number>()
    for (let round = 1; round <= 6; round++) {
      let reports = 0
      await write({ driver, seed, atEnd: 'close' }, ({ begun = [], flushed }) => {
        if (reports === 0) for (const offset of survives) expect(begun).toContain(offset)
        if (flushed !== undefined) survives.add(flushed)
        reports++
        // Terminated during the next write, at a random position on purpose.
        return reports > round % 3
      })
      const held = await store.journal(model.content)
      for (const offset of survives) expect(held.map((run) => run.offset)).toContain(offset)
      for (const run of held) {
        const range = { start: run.offset, end: run.offset + runLength(run) }
        check.bytes(
          await store.peek(model.content, range),
          model.bytes.subarray(range.start, range.end),
          'a flushed run',
        )
      }
    }
    await write({ driver, seed, atEnd: 'finish' }, () => false)
    await isWhole(model)
    await store.sweep()
    expect((await store.verify(model.content))?.intact).toBe(true)
  })

  test('is read from another realm meanwhile, which never sees a wrong byte', async () => {
    const seed = 22
    const model = makeModel(hasher, seed, size)
    const over = new AbortController()
    let seen = 0
    const writer = write({ driver, seed, atEnd: 'finish' }, () => false).finally(() => over.abort())
    for (let turn = 0; !over.signal.aborted; turn++) {
      const start = (turn * 1_234_567) % (size - 100_000)
      const bytes = await store.peek(model.content, { start, end: start + 100_000 })
      if (bytes === undefined) continue
      seen++
      check.bytes(bytes, model.bytes.subarray(start, start + 100_000), 'peeked bytes')
    }
    await writer
    expect(seen).toBeGreaterThan(0)
  })
})

test('pieces of a realm without sync access handles are continued by one that has them', async () => {
  const seed = 23
  const model = makeModel(hasher, seed, size)
  await write({ driver: 'pieces', seed, atEnd: 'close' }, ({ flushed = 0 }) => flushed > size / 2)
  const before = await store.journal(model.content)
  await write({ driver: 'sync', seed, atEnd: 'finish' }, ({ begun }) => {
    if (begun !== undefined) expect(begun.length).toBeGreaterThanOrEqual(before.length)
    return false
  })
  expect(await store.file(model.content)).toBeInstanceOf(File)
  expect((await store.verify(model.content))?.intact).toBe(true)
})

test('data of a realm with sync access handles is continued by one that has none', async () => {
  const seed = 24
  const model = makeModel(hasher, seed, size)
  await write({ driver: 'sync', seed, atEnd: 'close' }, ({ flushed = 0 }) => flushed > size / 2)
  await write({ driver: 'pieces', seed, atEnd: 'finish' }, () => false)
  await isWhole(model)
})

test('announced bytes are those of the current writer, not zeros of an earlier one', async () => {
  const seed = 26
  const model = makeModel(hasher, seed, size)
  await write({ driver: 'sync', seed, atEnd: 'close' }, ({ flushed = 0 }) => flushed > size / 3)
  const partial = await store.begin(model.content, size)
  const run = model.runs.at(-1) as (typeof model.runs)[0]
  await writeRun(partial, model, run)
  const range = { start: run.offset, end: run.offset + runLength(run) }
  const place = (await store.entry(model.content))?.name
  const bytes = await store.announced(model.content, range, () => place)
  check.bytes(bytes, model.bytes.subarray(range.start, range.end), 'announced bytes')
  await partial.close()
})

test('pieces of a finished file become one file, and a response that reads them continues', async () => {
  const seed = 25
  const model = makeModel(hasher, seed, size)
  await write({ driver: 'pieces', seed, atEnd: 'finish' }, () => false)
  const answer = await store.file(model.content)
  await write({ driver: 'sync', seed, atEnd: 'merge' }, () => false)
  expect(await store.file(model.content)).toBeInstanceOf(File)
  await isWhole(model)
  await store.sweep()
  check.bytes(new Uint8Array((await answer?.arrayBuffer()) ?? []), model.bytes, 'older answer')
})
