import 'fake-indexeddb/auto'
import { get, promisifyRequest } from 'idb-keyval'
import { expect, test, vi } from 'vitest'
import { openDatabase } from '../platform/platform.ts'
import { Branches } from './branches.ts'

const base = 'https://hub.example/a/b/resolve/main'
const day = 24 * 60 * 60_000

function branches(): Branches {
  return new Branches(openDatabase(crypto.randomUUID(), 'catalog'))
}

test('a branch stores its last four commits, the newest first, for each partition', async () => {
  const known = branches()
  for (const [at, commit] of ['a', 'b', 'c', 'd', 'e', 'c'].entries())
    await known.confirm(base, 'public', commit, at)
  await known.confirm(base, 'ann', 'x', 9)
  await known.confirm(`${base}2`, 'ann', 'y', 9)
  expect((await known.read(base, undefined)).stored).toEqual([
    { base, grant: 'ann', commits: ['x'], checkedAt: 9 },
    { base, grant: 'public', commits: ['c', 'e', 'd', 'b'], checkedAt: 5 },
  ])
  expect(await known.entries()).toHaveLength(3)
  await known.drop(base, 'ann')
  expect((await known.read(base, undefined)).stored).toHaveLength(1)
})

test('above the limit the partition with the oldest check is removed, and the public one stays', async () => {
  const known = branches()
  await known.confirm(base, 'public', 'a', 0)
  await known.confirm(`${base}2`, 'token 0', 'a', 0)
  for (let token = 0; token < 20; token += 1)
    await known.confirm(base, `token ${token}`, 'a', token)
  const left = (await known.read(base, undefined)).stored.map(({ grant }) => grant)
  expect(left).toHaveLength(17)
  expect(left).toEqual(expect.arrayContaining(['public', 'token 4', 'token 19']))
  expect((await known.read(`${base}2`, undefined)).stored).toHaveLength(1)
})

test('the commit that a page has seen stays, unless it no longer exists', async () => {
  const known = branches()
  const view = { client: 'page', base, takenAt: 0 }
  expect((await known.read(base, 'page')).seen).toBeUndefined()
  const first = ['a', 'b'].map((commit) => known.look({ ...view, commit }))
  expect(await Promise.all(first)).toEqual(['a', 'a'])
  expect(await known.look({ ...view, client: 'other', commit: 'b' })).toBe('b')
  expect(await known.look({ ...view, commit: 'c' }, 'a')).toBe('c')
  expect(await known.look({ ...view, commit: 'd' }, 'a')).toBe('c')
  expect((await known.read(base, 'page')).seen).toBe('c')
})

test('views of old pages are removed', async () => {
  const known = branches()
  const look = (client: string, takenAt: number): Promise<string> =>
    known.look({ client, base, commit: 'a', takenAt })
  await look('a week ago', 0)
  await look('yesterday', 6 * day)
  for (let page = 0; page < 198; page += 1) await look(`page ${page}`, 7 * day)
  expect((await known.read(base, 'a week ago')).seen).toBe('a')
  await look('one more', 7 * day + 1)
  expect((await known.read(base, 'a week ago')).seen).toBeUndefined()
  expect((await known.read(base, 'yesterday')).seen).toBe('a')
  await look('too many', 7 * day + 2)
  expect((await known.read(base, 'yesterday')).seen).toBeUndefined()
  expect((await known.read(base, 'page 0')).seen).toBe('a')
})

test('thirty changes that come at once take two transactions, each after the one before', async () => {
  const database = openDatabase(crypto.randomUUID(), 'catalog')
  await get('sum', database)
  const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction')
  const add = (): Promise<number> =>
    database.change(async (store) => {
      const next = ((await promisifyRequest<number | undefined>(store.get('sum'))) ?? 0) + 1
      store.put(next, 'sum')
      return next
    })
  const first = add()
  await vi.waitFor(() => expect(transactions).toHaveBeenCalledOnce())
  const sums = await Promise.all([first, ...Array.from({ length: 29 }, add)])
  expect(sums).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
  expect(transactions).toHaveBeenCalledTimes(2)
  transactions.mockRestore()
})

test('a change that fails changes nothing, and the changes that came with it are stored', async () => {
  const database = openDatabase(crypto.randomUUID(), 'catalog')
  const put = (key: string, error?: Error): Promise<void> =>
    database.change(async (store) => {
      store.put(1, key)
      if (error) throw error
    })
  const failed = await Promise.allSettled([put('a'), put('b', new Error('refused')), put('c')])
  expect(failed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  const stored = await Promise.all(['a', 'b', 'c'].map((key) => get<number>(key, database)))
  expect(stored).toEqual([1, undefined, 1])
})
