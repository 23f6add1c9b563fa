import { promisifyRequest } from 'idb-keyval'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { openStore } from './opfs-store.ts'
import type { Store } from './store.ts'
import { earlierStore } from './testing/earlierStore.ts'
import { foldersOf } from './testing/foldersOf.ts'
import { rootOf } from './testing/rootOf.ts'

// Releases are upgraded and rolled back over the data of the others. A change that makes a test fail here is another
// format: see docs/decisions/0025-versions.md for where to record it.

const { text, url, base, commit, whole, begun, entries } = earlierStore
let root: string

beforeEach(() => {
  root = `test-${crypto.randomUUID()}`
})
afterEach(async () => {
  await (await navigator.storage.getDirectory()).removeEntry(root, { recursive: true })
})

async function open(): Promise<Store> {
  return await openStore({ hasher: await createHasher(), root })
}

test('data of an earlier release is served unchanged', async () => {
  await earlierStore.write(root)
  const store = await open()
  await store.sweep()
  expect(await store.url(url)).toEqual(entries[`url:${url}`])
  expect(await (await store.file(whole))?.text()).toBe(text)
  expect((await store.answers(`${url}.json`, 'public')).missing).toEqual(
    entries[`missing:public ${url}.json`],
  )
  expect(await store.session('/app/')).toEqual(['public'])
  expect((await store.branches.read(`${base}/main`, undefined)).stored).toMatchObject([
    { commits: [commit] },
  ])
  expect((await store.branches.read(`${base}/main`, 'page')).seen).toBe(commit)
  const held = await store.peek(begun, { start: 0, end: text.length })
  expect(new TextDecoder().decode(held)).toBe(text)
})

test('a file that an earlier release began is continued', async () => {
  await earlierStore.write(root)
  const partial = await (await open()).begin(begun, text.length + 10)
  expect(partial.committed).toMatchObject([{ xorb: 'ab'.repeat(32), chunk: 3, offset: 0 }])
  const held = await partial.read({ start: 0, end: text.length })
  expect(new TextDecoder().decode(held)).toBe(text)
  await partial.close()
})

test('data of a newer release is not touched, and its additional fields are kept', async () => {
  await earlierStore.write(root, 7)
  const folder = await rootOf(root)
  await folder.getDirectoryHandle('pack.7', { create: true })
  await folder.getFileHandle('index', { create: true })
  await change((catalog) => {
    catalog.put({ packs: 1 }, 'pack:7')
    catalog.put({ ...(entries[`file:${whole}`] as object), shared: 3 }, `file:${whole}`)
  })
  const store = await open()
  await store.pin(whole, true)
  await store.file(whole)
  await store.sweep()
  expect(await store.entry(whole)).toMatchObject({ pinned: true, shared: 3 })
  await store.clear()
  await store.sweep()
  expect(await store.files()).toEqual([])
  expect((await foldersOf(root)).toSorted()).toEqual(['index', 'pack.7'])
  let kept: IDBRequest<unknown> | undefined
  await change((catalog) => (kept = catalog.get('pack:7')))
  expect(kept?.result).toEqual({ packs: 1 })
})

test('leftovers of feature tests are swept', async () => {
  const store = await open()
  const folder = await rootOf(root)
  for (const what of ['claim', 'trial'])
    await folder.getFileHandle(`${what}-${crypto.randomUUID()}`, { create: true })
  await store.sweep()
  expect(await foldersOf(root)).toEqual([])
})

/** Changes the catalog behind the store's back. */
async function change(work: (catalog: IDBObjectStore) => unknown): Promise<void> {
  const database = await promisifyRequest(indexedDB.open(`${root}-catalog`))
  const transaction = database.transaction('catalog', 'readwrite')
  work(transaction.objectStore('catalog'))
  await promisifyRequest(transaction)
  database.close()
}
