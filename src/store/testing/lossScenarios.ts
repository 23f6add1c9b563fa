import { systemClock } from '../../core/async.ts'
import { folderName, retryBusy } from '../folder.ts'
import { openStore } from '../opfs-store.ts'
import { runLength, type JournalRun } from '../runs.ts'
import { check } from './check.ts'
import { fileInfoOf } from './fileInfoOf.ts'
import { foldersOf } from './foldersOf.ts'
import { keepModel } from './keepModel.ts'
import { makeModel, type Model } from './makeModel.ts'
import type { Scenario } from './Scenario.ts'
import { sizeOf } from './sizeOf.ts'
import { writeRun } from './writeRun.ts'

/** Deletes a store's folder externally, like an app that empties its private files. */
async function emptied(root: string): Promise<void> {
  const origin = await navigator.storage.getDirectory()
  // A handle that was just closed may still count as open.
  await retryBusy(systemClock, 2000, () => origin.removeEntry(root, { recursive: true }))
}

/** How the name of a model's folder begins. */
function nameOf({ content }: Model): string {
  return folderName(content).replace(/\..*$/, '')
}

/** Deletes a store's databases, as "clear site data" does. */
async function withoutDatabases(root: string): Promise<void> {
  for (const name of [`${root}-catalog`, `${root}-chunks`])
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name)
      request.addEventListener('success', () => resolve())
      request.addEventListener('blocked', () => reject(new Error(`${name} is blocked`)))
      request.addEventListener('error', () => reject(request.error))
    })
}

/** The device's storage is emptied while the store is open. */
export const lossScenarios: Readonly<Record<string, Scenario>> = {
  'a folder that is deleted while the store is open is created again': async (
    { hasher, root },
    store,
  ) => {
    const [lost, next] = [31, 32].map((seed) => makeModel(hasher, seed, 700_000))
    if (!lost || !next) return
    await keepModel(store, lost)
    await store.saveUrl(fileInfoOf('https://hub.example/a', lost), 'public')
    await emptied(root)
    check.equal(await store.file(lost.content), undefined, 'lost file')
    check.equal(await store.entry(lost.content), undefined, 'entry of the lost file')
    check.equal(await store.peek(next.content, { start: 0, end: 9 }), undefined, 'peek')
    await store.sweep()
    await keepModel(store, next)
    check.equal((await store.file(next.content))?.size, next.bytes.length, 'next file')
    await emptied(root)
    await store.reserve(1000, 'etag:another')
    await keepModel(store, lost)
    check.equal((await store.file(lost.content))?.size, lost.bytes.length, 'lost file, again')
    check.equal((await store.verify(lost.content))?.intact, true, 'intact')
    check.equal((await foldersOf(root)).length, 1, 'folders')
  },

  'a file whose folder is deleted while it is written goes on with what is in memory': async (
    { hasher, root },
    store,
  ) => {
    const model = makeModel(hasher, 34, 3_000_000)
    const [first, second] = model.runs as [JournalRun, JournalRun]
    const lost: JournalRun[] = []
    const partial = await store.begin(model.content, model.bytes.length, {
      onLost: (runs) => lost.push(...runs),
    })
    await writeRun(partial, model, first)
    await partial.flush()
    const before = partial.place
    await partial.write(
      second.offset,
      model.bytes.subarray(second.offset, second.offset + runLength(second)),
    )
    await emptied(root)
    await partial.commit(second)
    for (const run of model.runs.slice(2)) await writeRun(partial, model, run)
    check.equal(partial.place === before, false, 'same folder')
    check.equal(lost.length, 0, 'lost runs')
    check.bytes(await partial.read({ start: 0, end: 9 }), model.bytes.subarray(0, 9), 'read')
    await partial.finish('xet')
    check.equal((await store.verify(model.content))?.intact, true, 'intact')
    check.equal((await foldersOf(root)).length, 1, 'folders')
  },

  'storage that is emptied again while a file is begun anew does not end the writing': async (
    { hasher, root },
    store,
  ) => {
    const model = makeModel(hasher, 42, 1_000_000)
    const partial = await store.begin(model.content, model.bytes.length)
    const [first, ...more] = model.runs as [JournalRun, ...JournalRun[]]
    await writeRun(partial, model, first)
    // A stream that is still open would keep the folder.
    await partial.flush()
    const { prototype } = FileSystemDirectoryHandle
    // oxlint-disable-next-line typescript/unbound-method -- called with each handle below
    const make = prototype.getDirectoryHandle
    let left = 2
    prototype.getDirectoryHandle = async function (name, options) {
      const made = await make.call(this, name, options)
      if (options?.create && name.startsWith(nameOf(model)) && left-- > 0) await emptied(root)
      return made
    }
    try {
      await emptied(root)
      for (const run of more) await writeRun(partial, model, run)
      await partial.flush()
    } finally {
      prototype.getDirectoryHandle = make
    }
    check.equal(left < 1, true, 'emptied twice more')
    await partial.finish('xet')
    check.equal((await store.verify(model.content))?.intact, true, 'intact')
  },

  'what is neither on the device nor in memory any more is reported': async (
    { hasher, root },
    store,
  ) => {
    const model = makeModel(hasher, 35, 1_000_000)
    const [first, ...more] = model.runs as [JournalRun, ...JournalRun[]]
    const early = await store.begin(model.content, model.bytes.length)
    await writeRun(early, model, first)
    await early.close()
    const lost: JournalRun[] = []
    const partial = await store.begin(model.content, model.bytes.length, {
      onLost: (runs) => lost.push(...runs),
    })
    check.equal(partial.committed.length, 1, 'of an earlier session')
    await emptied(root)
    for (const run of more) await writeRun(partial, model, run)
    await partial.flush()
    check.equal(lost.map(({ offset }) => offset).join(), '0', 'lost runs')
    check.equal(partial.committed.length, more.length, 'committed')
    await check.code(partial.read({ start: 0, end: 9 }), 'storage', 'read of lost bytes')
    await writeRun(partial, model, first)
    await partial.finish('xet')
    check.equal((await store.verify(model.content))?.intact, true, 'intact')
  },

  'a file that is removed while it is written is kept, and its bytes are not lost': async (
    { hasher, root, driver },
    store,
  ) => {
    const model = makeModel(hasher, 36, 1_000_000)
    const [first, ...more] = model.runs as [JournalRun, ...JournalRun[]]
    const other = await openStore({ hasher, root, driver })
    await store.lock(model.content, {}, async () => {
      const partial = await store.begin(model.content, model.bytes.length)
      await writeRun(partial, model, first)
      await partial.flush()
      await other.clear()
      check.equal(await other.entry(model.content), undefined, 'entry after clear')
      for (const run of more) await writeRun(partial, model, run)
      await other.remove(model.content)
      await partial.finish('xet')
    })
    check.equal((await store.verify(model.content))?.intact, true, 'intact')
    check.equal((await store.entry(model.content))?.state, 'complete', 'state')
  },

  'databases that are deleted while a file is written do not end the writing': async (
    { hasher, root },
    store,
  ) => {
    const model = makeModel(hasher, 37, 1_000_000)
    const partial = await store.begin(model.content, model.bytes.length)
    await writeRun(partial, model, model.runs[0] as JournalRun)
    await withoutDatabases(root)
    for (const run of model.runs.slice(1)) await writeRun(partial, model, run)
    await partial.finish('xet')
    check.equal((await store.verify(model.content))?.intact, true, 'intact')
  },

  'removed bytes go at once where no answer can be reading them': async (
    { hasher, root },
    store,
  ) => {
    const models = [38, 39, 40].map((seed) => makeModel(hasher, seed, 400_000))
    const [unread, given, held] = models as [Model, Model, Model]
    for (const model of models) await keepModel(store, model)
    check.equal((await store.file(given.content))?.size, given.bytes.length, 'given as a file')
    const release = store.hold(held.content)
    await store.sweep()
    for (const { content } of models) await store.remove(content)
    check.equal((await foldersOf(root)).length, 2, 'folders of those that may be read')
    const place = (await foldersOf(root)).find((name) => name.startsWith(nameOf(held)))
    if (store.driver === 'sync') {
      const read = await store.announced(held.content, { start: 5, end: 9 }, () => place)
      check.bytes(read, held.bytes.subarray(5, 9), 'held bytes')
    }
    release()
    await store.sweep()
    const left = (await foldersOf(root)).filter((name) => !name.startsWith(nameOf(given)))
    check.equal(left.length, 0, 'folders of files without readers')
    check.equal((await store.entry(unread.content)) === undefined, true, 'entry')
  },

  'a file that was given up before anything came takes no room': async (
    { hasher, root, driver },
    store,
  ) => {
    const model = makeModel(hasher, 41, 3_000_000)
    await store.saveUrl(fileInfoOf('https://hub.example/a', model), 'public')
    const nothing = await store.begin(model.content, model.bytes.length)
    await nothing.close()
    check.equal((await foldersOf(root)).length, 0, 'folders')
    check.equal((await store.url('https://hub.example/a')) === undefined, false, 'URL')
    const some = await store.begin(model.content, model.bytes.length)
    await writeRun(some, model, model.runs[0] as JournalRun)
    if (driver === 'sync') check.equal((await sizeOf(root)) >= model.bytes.length, true, 'claimed')
    await some.close()
    check.equal((await sizeOf(root)) < 1_000_000, true, 'room for what is committed only')
    const again = await store.begin(model.content, model.bytes.length)
    check.equal(again.committed.length, 1, 'committed')
    for (const run of model.runs.slice(1)) await writeRun(again, model, run)
    await again.finish('xet')
    check.equal((await store.verify(model.content))?.intact, true, 'intact')
  },

  'databases that are deleted while the store is open are made anew': async (
    { hasher, root },
    store,
  ) => {
    const model = makeModel(hasher, 33, 700_000)
    await keepModel(store, model)
    await withoutDatabases(root)
    check.equal(await store.file(model.content), undefined, 'forgotten file')
    await keepModel(store, model)
    check.equal((await store.file(model.content))?.size, model.bytes.length, 'file')
    const [run] = model.runs as [JournalRun]
    check.equal((await store.chunksOf(run.xorb)).length > 0, true, 'chunk index')
    await store.sweep()
    check.equal((await foldersOf(root)).length, 1, 'folders, after the forgotten one was swept')
  },
}
