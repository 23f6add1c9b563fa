import { folderName } from '../folder.ts'
import { openStore } from '../opfs-store.ts'
import type { JournalRun } from '../runs.ts'
import { rangeOf, runLength } from '../runs.ts'
import type { Store } from '../store.ts'
import { systemClock } from '../../core/async.ts'
import { hexOf } from '../../core/bytes.ts'
import { check } from './check.ts'
import { fileInfoOf } from './fileInfoOf.ts'
import { foldersOf } from './foldersOf.ts'
import { keepModel } from './keepModel.ts'
import { makeModel } from './makeModel.ts'
import type { Model } from './makeModel.ts'
import { rootOf } from './rootOf.ts'
import { rot } from './rot.ts'
import type { Scenario } from './Scenario.ts'
import { writeRun } from './writeRun.ts'

const minute = 60_000

/** The life of one file: written, read, resumed, damaged, repaired, removed. */
export const fileScenarios: Readonly<Record<string, Scenario>> = {
  'a small new file costs few calls of the browser, however many share its xorb': async (
    { hasher, driver },
    store,
  ) => {
    const models = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => makeModel(hasher, seed, 30_000))
    const xorb = models[0]?.runs[0]?.xorb ?? ''
    const inOneXorb = models.map((model) => ({
      ...model,
      runs: model.runs.map((run) => ({ ...run, xorb })),
    }))
    const counts: Calls[] = []
    for (const model of inOneXorb) {
      const calls = countCalls()
      await store.chunksOf(xorb)
      await keepModel(store, model)
      calls.stop()
      counts.push(calls)
    }
    const [first, last] = [counts[1] as Calls, counts.at(-1) as Calls]
    check.equal(last.opens, first.opens, 'opened files, of the second and of the last model')
    check.equal(last.transactions, first.transactions, 'transactions, likewise')
    check.equal(first.transactions <= 11, true, `${first.transactions} transactions are few`)
    // Piece files are opened anew to be seen.
    const most = driver === 'sync' ? 7 : 9
    check.equal(first.opens <= most, true, `${first.opens} opened files are few`)
  },

  'a file is written in any order, finished and read': async ({ hasher }, store) => {
    const model = makeModel(hasher, 1, 3_000_000)
    const partial = await store.begin(model.content, model.bytes.length)
    await Promise.all(model.runs.toReversed().map((run) => writeRun(partial, model, run)))
    check.equal(partial.committed.length, model.runs.length, 'committed runs')
    check.bytes(
      await partial.read({ start: 70_000, end: 700_001 }),
      model.bytes.subarray(70_000, 700_001),
      'read',
    )
    check.equal(await store.file(model.content), undefined, 'file before finish')
    await partial.finish('xet')
    await holdsAll(store, model)
    const entry = await store.entry(model.content)
    check.equal(entry?.state, 'complete', 'state')
    check.equal(entry?.proof, 'xet', 'proof')
    check.equal(entry?.held, model.bytes.length, 'held')
    await check.code(partialWrite(partial), 'closed', 'write after finish')
    await check.code(store.begin(model.content, model.bytes.length), 'storage', 'begin again')
  },

  'runs longer than what is kept in memory get files of their own': async ({ hasher }, store) => {
    const model = makeModel(hasher, 2, 14_000_000, 131_072, 60)
    const partial = await store.begin(model.content, model.bytes.length)
    await Promise.all(model.runs.map((run) => writeRun(partial, model, run, 1_000_000)))
    await partial.finish('xet')
    await holdsAll(store, model)
  },

  'an empty file is a file': async (_, store) => {
    const partial = await store.begin('etag:empty', 0)
    await partial.finish('length')
    check.equal((await store.file('etag:empty'))?.size, 0, 'size')
  },

  'committed runs are available to the next session': async ({ hasher, ...place }, store) => {
    const model = makeModel(hasher, 3, 2_000_000)
    const [first, second, third] = model.runs as [JournalRun, JournalRun, JournalRun]
    const partial = await store.begin(model.content, model.bytes.length)
    await writeRun(partial, model, second)
    await writeRun(partial, model, first)
    await partial.write(third.offset, model.bytes.subarray(third.offset, third.offset + 1000))
    await partial.close()
    const later = await openStore({ ...place, hasher })
    await sees(later, model, first)
    check.equal(await later.peek(model.content, rangeOf(third)), undefined, 'uncommitted bytes')
    const again = await later.begin(model.content, model.bytes.length)
    check.equal(again.committed.length, 2, 'committed before')
    for (const run of model.runs.slice(2)) await writeRun(again, model, run)
    await again.finish('xet')
    await holdsAll(later, model)
  },

  'corrupted committed bytes are dropped, and fetched again': async ({ hasher, root }, store) => {
    const model = makeModel(hasher, 4, 2_000_000)
    const partial = await store.begin(model.content, model.bytes.length)
    for (const run of model.runs.slice(0, 3)) await writeRun(partial, model, run)
    await partial.close()
    await rot(store, root, model, 10)
    check.equal(await store.peek(model.content, { start: 0, end: 100 }), undefined, 'rotten peek')
    const again = await store.begin(model.content, model.bytes.length)
    check.equal(again.committed.length, 2, 'runs that are left')
    check.equal(again.committed[0]?.offset, model.runs[1]?.offset, 'first run that is left')
    await again.close()
  },

  'a wrong run is dropped permanently': async ({ hasher, ...place }, store) => {
    const model = makeModel(hasher, 5, 1_500_000)
    const run = model.runs[1] as JournalRun
    const partial = await store.begin(model.content, model.bytes.length)
    for (const each of model.runs) await writeRun(partial, model, each)
    await partial.drop(run)
    await check.code(partial.finish('xet'), 'storage', 'finish with a hole')
    check.equal(await store.peek(model.content, rangeOf(run)), undefined, 'dropped bytes')
    await partial.close()
    const again = await (
      await openStore({ ...place, hasher })
    ).begin(model.content, model.bytes.length)
    check.equal(again.committed.length, model.runs.length - 1, 'committed after the drop')
    await writeRun(again, model, run)
    await again.finish('xet')
    await holdsAll(store, model)
  },

  'an unfinished file that is announced with another size keeps its intact runs': async (
    { hasher },
    store,
  ) => {
    const model = makeModel(hasher, 21, 1_000_000)
    const [first] = model.runs as [JournalRun]
    const wrong = await store.begin(model.content, model.bytes.length + 9)
    await writeRun(wrong, model, first)
    await wrong.close()
    const right = await store.begin(model.content, model.bytes.length)
    check.equal(right.committed.length, 1, 'runs that are left')
    for (const run of model.runs.slice(1)) await writeRun(right, model, run)
    await right.finish('xet')
    await holdsAll(store, model)
    const again = store.begin(model.content, model.bytes.length + 9, { heal: true })
    await check.code(again, 'storage', 'another size of a finished file')
  },

  'an aborted attempt is written again from its start': async ({ hasher }, store) => {
    const model = makeModel(hasher, 6, 800_000)
    const [run] = model.runs as [JournalRun]
    const partial = await store.begin(model.content, model.bytes.length)
    await partial.write(run.offset, new Uint8Array(50_000).fill(7))
    for (const each of model.runs) await writeRun(partial, model, each)
    await partial.finish('xet')
    await holdsAll(store, model)
  },

  'the later writer succeeds, the earlier one fails': async ({ hasher }, store) => {
    const model = makeModel(hasher, 7, 1_500_000)
    const [first, second, third] = model.runs as [JournalRun, JournalRun, JournalRun]
    const early = await store.begin(model.content, model.bytes.length)
    await writeRun(early, model, first)
    await early.flush()
    await early.write(
      second.offset,
      model.bytes.subarray(second.offset, second.offset + runLength(second)),
    )
    const late = await store.begin(model.content, model.bytes.length)
    check.equal(late.committed.length, 1, 'what the earlier one left')
    await check.code(
      early.commit(second).then(() => early.flush()),
      'superseded',
      'commit of the earlier one',
    )
    await check.code(early.finish('xet'), 'superseded', 'finish of the earlier one')
    await early.close().catch(() => undefined)
    for (const run of [second, third, ...model.runs.slice(3)]) await writeRun(late, model, run)
    await late.finish('xet')
    await holdsAll(store, model)
  },

  'discard and remove leave no data': async ({ hasher, root }, store) => {
    const model = makeModel(hasher, 8, 400_000)
    const partial = await store.begin(model.content, model.bytes.length)
    await writeRun(partial, model, model.runs[0] as JournalRun)
    await partial.discard()
    check.equal(await store.entry(model.content), undefined, 'entry after discard')
    check.equal((await foldersOf(root)).length, 0, 'folders after discard')
    await keepModel(store, model)
    await store.saveUrl(fileInfoOf('https://hub.example/a', model), 'public')
    check.equal((await store.file(model.content))?.size, model.bytes.length, 'given as a file')
    await store.remove(model.content)
    check.equal(await store.file(model.content), undefined, 'file after remove')
    check.equal(await store.url('https://hub.example/a'), undefined, 'URL after remove')
    await store.sweep()
    check.equal((await foldersOf(root)).length, 1, 'folders that an answer may still read')
  },

  'removed bytes are deleted after ten minutes, unreferenced ones at once': async (
    { hasher, root, driver },
    store,
  ) => {
    const model = makeModel(hasher, 9, 400_000)
    await keepModel(store, model)
    check.equal((await store.file(model.content))?.size, model.bytes.length, 'given as a file')
    const nobodys = folderName('etag:nobodys')
    await (await rootOf(root)).getDirectoryHandle(nobodys, { create: true })
    await store.remove(model.content)
    await store.sweep()
    check.equal(
      (await foldersOf(root)).join(),
      (await foldersOf(root)).filter((name) => name !== nobodys).join(),
      'unknown folder',
    )
    const clock = { ...systemClock, now: () => Date.now() + 11 * minute }
    await (await openStore({ hasher, root, driver, clock })).sweep()
    check.equal((await foldersOf(root)).length, 0, 'folders later')
  },

  'a file whose bytes are missing is removed from the catalog': async ({ hasher, root }, store) => {
    const model = makeModel(hasher, 10, 400_000)
    await keepModel(store, model)
    const entry = await store.entry(model.content)
    const folder = await (await rootOf(root)).getDirectoryHandle(entry?.name ?? '')
    for (const { name } of entry?.parts ?? []) await folder.removeEntry(name)
    check.equal(await store.file(model.content), undefined, 'file')
    check.equal(await store.entry(model.content), undefined, 'entry')
  },

  'verify finds damaged ranges, and heal keeps the rest': async ({ hasher, root }, store) => {
    const model = makeModel(hasher, 11, 2_500_000)
    await keepModel(store, model)
    check.equal((await store.verify(model.content))?.intact, true, 'intact before')
    const before = await store.entry(model.content)
    await rot(store, root, model, 1_000_000)
    const { intact, damaged = [], bytes } = (await store.verify(model.content)) ?? {}
    check.equal(intact, false, 'intact after')
    check.equal(bytes, model.bytes.length, 'bytes hashed')
    check.equal(damaged.length, 1, 'damaged stretches')
    check.equal(
      (damaged[0]?.start ?? 0) <= 1_000_000 && (damaged[0]?.end ?? 0) > 1_000_000,
      true,
      'place',
    )
    const partial = await store.begin(model.content, model.bytes.length, { heal: true })
    check.equal(partial.committed.length, model.runs.length - 1, 'runs kept')
    check.equal(await store.file(model.content), undefined, 'damaged file while it is healed')
    for (const run of model.runs) {
      if (!partial.committed.some(({ offset }) => offset === run.offset))
        await writeRun(partial, model, run)
    }
    await partial.finish('xet')
    await holdsAll(store, model)
    check.equal((await store.entry(model.content))?.name === before?.name, false, 'same folder')
    check.equal((await store.verify(model.content))?.intact, true, 'intact when healed')
  },

  'verify compares a file with the Xet hash that proved it, and the first time with its SHA-256':
    async ({ hasher }, store) => {
      const model = makeModel(hasher, 12, 500_000)
      const hash = 'ab'.repeat(32)
      const own = hexOf(await crypto.subtle.digest('SHA-256', model.bytes))
      for (const [content, proof, intact, contradicts] of [
        [`xet:${hash}+sha256:${hash}`, 'sha256', true, undefined],
        [`xet:${hash}+sha256:${own}`, 'xet', false, undefined],
        [`xet:${hash}`, 'sha256', false, undefined],
        [`${model.content}+sha256:${own}`, 'xet', true, undefined],
        [`${model.content}+sha256:${hash}`, 'xet', false, true],
      ] as const) {
        const partial = await store.begin(content, model.bytes.length)
        for (const run of model.runs) await writeRun(partial, model, run)
        await partial.finish(proof)
        const found = await store.verify(content)
        check.equal(found?.intact, intact, `${content} by ${proof}`)
        check.equal(found?.contradicts, contradicts, `contradiction of ${content}`)
        await store.remove(content)
      }
    },
}

async function holdsAll(store: Store, model: Model): Promise<void> {
  const file = await store.file(model.content)
  const bytes = new Uint8Array((await file?.arrayBuffer()) ?? [])
  check.bytes(bytes, model.bytes, 'finished file')
  const { length } = model.bytes
  check.bytes(
    await store.peek(model.content, { start: 1, end: length }),
    model.bytes.subarray(1),
    'peek',
  )
  const rows = (await store.journal(model.content)).flatMap((run) => run.rows)
  check.equal(
    rows.reduce((sum, row) => sum + row.length, 0),
    length,
    'journal',
  )
}

async function sees(store: Store, model: Model, run: JournalRun): Promise<void> {
  const { start, end } = rangeOf(run)
  const inner = { start: start + 10, end: end - 10 }
  check.bytes(
    await store.peek(model.content, inner),
    model.bytes.subarray(inner.start, inner.end),
    'peek',
  )
}

async function partialWrite(partial: {
  write(at: number, bytes: Uint8Array): Promise<void>
}): Promise<void> {
  await partial.write(0, new Uint8Array(1))
}

interface Calls {
  transactions: number
  opens: number
  readonly stop: () => void
}

/** Counts this realm's IndexedDB transactions, and the files that it opens in OPFS. */
function countCalls(): Calls {
  const calls = { transactions: 0, opens: 0, stop: () => undefined as void }
  const restores = [
    wrap(IDBDatabase.prototype, 'transaction', () => (calls.transactions += 1)),
    ...(['getFile', 'createWritable', 'createSyncAccessHandle'] as const).map((name) =>
      wrap(FileSystemFileHandle.prototype, name, () => (calls.opens += 1)),
    ),
  ]
  calls.stop = () => {
    for (const restore of restores) restore()
  }
  return calls
}

function wrap(owner: object, name: string, called: () => void): () => void {
  const own: unknown = Reflect.get(owner, name)
  // Sync access handles do not exist in a window.
  if (typeof own !== 'function') return () => undefined
  Reflect.set(owner, name, function (this: unknown, ...args: unknown[]): unknown {
    called()
    return Reflect.apply(own, this, args)
  })
  return () => void Reflect.set(owner, name, own)
}
