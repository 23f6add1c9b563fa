import type { JournalRun } from '../runs.ts'
import { check } from './check.ts'
import { fileInfoOf } from './fileInfoOf.ts'
import { foldersOf } from './foldersOf.ts'
import { keepModel } from './keepModel.ts'
import { makeModel } from './makeModel.ts'
import type { Scenario } from './Scenario.ts'

/** Deletes a store's folder externally, like an app that empties its private files. */
async function emptied(root: string): Promise<void> {
  const origin = await navigator.storage.getDirectory()
  await origin.removeEntry(root, { recursive: true })
}

/** Deletes a store's databases, like "clear site data". */
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

  'databases that are deleted while the store is open are created again': async (
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
