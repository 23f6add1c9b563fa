import { systemClock } from '../../core/async.ts'
import type { ByteRange } from '../../core/bytes.ts'
import type { JournalRun } from '../runs.ts'
import { openStore } from '../opfs-store.ts'
import { runLength } from '../runs.ts'
import type { Store } from '../store.ts'
import { check } from './check.ts'
import { foldersOf } from './foldersOf.ts'
import { keepModel } from './keepModel.ts'
import { makeModel } from './makeModel.ts'
import type { Model } from './makeModel.ts'
import type { Scenario } from './Scenario.ts'
import { sizeOf } from './sizeOf.ts'
import { writeRun } from './writeRun.ts'

const minute = 60_000

/** Lets writes to files fail for lack of room. A stream that fails takes its bytes with it. */
function fillDevice(): () => void {
  const full = new DOMException('full', 'QuotaExceededError')
  const stream = FileSystemWritableFileStream.prototype
  const restore = [replaced(stream, failing)]
  if ('FileSystemSyncAccessHandle' in globalThis)
    restore.push(
      replaced(FileSystemSyncAccessHandle.prototype, () => {
        throw full
      }),
    )
  return () => restore.forEach((each) => each())

  async function failing(this: FileSystemWritableFileStream): Promise<void> {
    await this.abort(full)
    throw full
  }
}

/** Replaces `write`. */
function replaced(prototype: object, write: unknown): () => void {
  const original = Object.getOwnPropertyDescriptor(prototype, 'write') as PropertyDescriptor
  Object.defineProperty(prototype, 'write', { ...original, value: write })
  return () => Object.defineProperty(prototype, 'write', original)
}

/** Space: claimed before it is used, and freed by eviction. */
export const quotaScenarios: Readonly<Record<string, Scenario>> = {
  'space that a started file has claimed is not reserved twice': async (
    { hasher, root, driver },
    store,
  ) => {
    const model = makeModel(hasher, 18, 3_000_000)
    const partial = await store.begin(model.content, model.bytes.length)
    await writeRun(partial, model, model.runs[0] as JournalRun)
    await partial.flush()
    const usage = await sizeOf(root)
    const full = await openStore({
      hasher,
      root,
      driver,
      estimate: async () => ({ usage, quota: usage + 8_500_000 }),
    })
    const left = model.bytes.length - runLength(model.runs[0] as JournalRun)
    // Pieces claim no space before they are written.
    const wanted = driver === 'sync' ? 'no error' : 'quota'
    await check.code(full.reserve(left, model.content), wanted, 'the rest of the file')
    await check.code(full.reserve(left, 'etag:another'), 'quota', 'another file')
    await partial.close()
  },

  'space is freed by evicting the least recently used files': async (
    { hasher, root, driver },
    store,
  ) => {
    const models = [15, 16, 17].map((seed) => makeModel(hasher, seed, 500_000))
    for (const model of models) await keepModel(store, model)
    const [first, second, third] = models as [Model, Model, Model]
    await store.pin(first.content, true)
    const at = async (now: number): Promise<Store> =>
      openStore({
        hasher,
        root,
        driver,
        clock: { ...systemClock, now: () => now },
        // The files' 1.5 MB, and so much other data that a tenth of a megabyte is left besides the spare space.
        estimate: async () => ({ usage: 20_000_000 + (await sizeOf(root)), quota: 30_000_000 }),
      })
    const soon = await at(Date.now() + 5 * minute)
    await check.code(soon.reserve(400_000, 'etag:new'), 'quota', 'all in use or pinned')
    check.equal((await store.files()).length, 3, 'nothing goes when it would not be enough')
    check.equal((await soon.reserve(50_000, 'etag:new')).length, 0, 'there is room')
    await (await at(Date.now() + 20 * minute)).file(third.content)
    const later = await at(Date.now() + 28 * minute)
    check.equal((await later.reserve(400_000, 'etag:new')).join(), second.content, 'evicted')
    check.equal(await store.entry(second.content), undefined, 'entry of the evicted')
    check.equal((await foldersOf(root)).length, 2, 'folders')
  },

  'space for files that are requested at once is measured together': async (
    { hasher, root, driver },
    store,
  ) => {
    const [model, other] = [18, 19].map((seed) => makeModel(hasher, seed, 500_000)) as [
      Model,
      Model,
    ]
    const partials = [
      await store.begin(model.content, model.bytes.length),
      await store.begin(other.content, other.bytes.length),
    ]
    let [measured, queries] = [0, 0]
    const query = navigator.locks.query.bind(navigator.locks)
    navigator.locks.query = () => {
      queries += 1
      return query()
    }
    const usage = await sizeOf(root)
    const small = await openStore({
      hasher,
      root,
      driver,
      estimate: async () => {
        measured += 1
        return { usage, quota: usage + 60_000_000 }
      },
    })
    const wanted = Array.from({ length: 100 }, (_, index) => small.reserve(10_000, `etag:${index}`))
    await Promise.all(wanted)
    check.equal(measured, 2, 'the first file, and all others together')
    await small.reserve(10_000, 'etag:later')
    check.equal(measured, 2, 'a small file that follows at once')
    check.equal(queries, 0, 'lock queries, while there is room for all started files as well')
    const mixed = [small.reserve(10, 'a'), small.reserve(7e7, 'b'), small.reserve(10, 'c')]
    await check.code(mixed[1] as Promise<unknown>, 'quota', 'the file without room')
    check.equal((await Promise.all([mixed[0], mixed[2]])).join(), ',', 'the files beside it')
    delete (navigator.locks as Partial<LockManager>).query
    for (const partial of partials) await partial.close()
  },

  'a device that becomes full while a file is written: its readers get every byte, and nothing is kept':
    async ({ hasher, root }, store) => {
      const model = makeModel(hasher, 51, 12_000_000)
      const size = model.bytes.length
      let needed: ByteRange[] | undefined = [{ start: 0, end: size }]
      let reports = 0
      const lost: JournalRun[] = []
      const partial = await store.begin(model.content, size, {
        onLost: (runs) => lost.push(...runs),
        readers: { needed: () => needed, waiting: () => true, onFull: () => (reports += 1) },
      })
      const half = Math.ceil(model.runs.length / 2)
      for (const run of model.runs.slice(0, half - 1)) await writeRun(partial, model, run)
      await partial.flush()
      await writeRun(partial, model, model.runs[half - 1] as JournalRun)
      const empty = fillDevice()
      try {
        for (const run of model.runs.slice(half)) await writeRun(partial, model, run)
        check.equal(reports, 1, 'reported')
        check.equal(lost.length, 0, 'lost runs')
        await check.code(partial.finish('xet'), 'quota', 'finish')
        check.bytes(await partial.read({ start: 0, end: size }), model.bytes, 'bytes')
        // What all readers have passed leaves the memory with the next write.
        needed = [{ start: size - 1000, end: size }]
        const last = model.runs.at(-1) as JournalRun
        await partial.drop(last)
        await writeRun(partial, model, last)
        const end = { start: size - 1000, end: size }
        check.bytes(await partial.read(end), model.bytes.subarray(end.start), 'rest')
        const { offset } = model.runs.at(-2) as JournalRun
        await check.code(partial.read({ start: offset, end: offset + 9 }), 'storage', 'passed')
      } finally {
        empty()
        await partial.close()
      }
      check.equal(await store.entry(model.content), undefined, 'entry')
      check.equal((await foldersOf(root)).length, 0, 'folders')
      await keepModel(store, model)
      check.equal((await store.verify(model.content))?.intact, true, 'later')
    },

  'a device that becomes full ends the writing where the bytes are needed on it': async (
    { hasher },
    store,
  ) => {
    const model = makeModel(hasher, 52, 12_000_000)
    const partial = await store.begin(model.content, model.bytes.length, {
      readers: { needed: () => undefined, waiting: () => true, onFull: () => undefined },
    })
    const empty = fillDevice()
    try {
      const write = partial.write(0, model.bytes.subarray(0, 8_000_000))
      await check.code(write, 'quota', 'write')
    } finally {
      empty()
      await partial.close()
    }
  },
}
