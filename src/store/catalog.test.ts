import { expect, test } from 'vitest'
import 'fake-indexeddb/auto'
import { Catalog, grantUrl } from './catalog.ts'

const info = { url: 'https://hub.example/a', size: 1, content: 'etag:1', fetchedAt: 5 }
const entry = { url: info.url, info, checkedAt: 1, grants: ['alice'] }

test('a grant is added while the content is the same', () => {
  expect(grantUrl(entry, info, 'bob').grants).toEqual(['alice', 'bob'])
  expect(grantUrl(entry, info, 'alice').grants).toEqual(['alice'])
  expect(grantUrl(undefined, info, 'alice')).toEqual({ ...entry, checkedAt: 5 })
})

test('an answer that a newer one has overtaken changes nothing, unless the clock was set back', () => {
  const newer = { ...entry, info: { ...info, fetchedAt: 10_000 } }
  const late = { ...info, content: 'etag:2', fetchedAt: 9000 }
  expect(grantUrl(newer, late, 'bob')).toBe(newer)
  expect(grantUrl(newer, { ...late, fetchedAt: 11_000 }, 'bob').info.content).toBe('etag:2')
  const ahead = { ...entry, info: { ...info, fetchedAt: 10_000_000 } }
  expect(grantUrl(ahead, late, 'bob').info.content).toBe('etag:2')
})

test('with another content all other grants are removed', () => {
  expect(grantUrl(entry, { ...info, content: 'etag:2' }, 'bob').grants).toEqual(['bob'])
})

test('above the limit the grants with the oldest check are removed', () => {
  const many = Array.from({ length: 16 }, (_, at) => `user ${at}`)
  const full = many.reduce<ReturnType<typeof grantUrl> | undefined>(
    (old, grant) => grantUrl(old, info, grant),
    undefined,
  )
  expect(full?.grants).toEqual(many)
  const again = grantUrl(full, info, 'user 0')
  expect(grantUrl(again, info, 'new').grants).toEqual([...many.slice(2), 'user 0', 'new'])
})

test('a 404 that a newer answer has overtaken is not stored; a newer one is', async () => {
  const catalog = new Catalog(crypto.randomUUID())
  const refusal = { status: 404, statusText: '', headers: [], body: new Uint8Array() }
  const missing = { url: info.url, grant: 'alice', refusal }
  const file = { ...info, fetchedAt: 10_000 }
  await catalog.updateUrl(info.url, 'alice', (old) => grantUrl(old, file, 'alice'))
  await catalog.saveMissing({ ...missing, checkedAt: 9000 })
  expect(await catalog.url(info.url)).toMatchObject({ grants: ['alice'] })
  expect((await catalog.answers(info.url, 'alice')).missing).toBeUndefined()
  // What another user may see says nothing.
  await catalog.saveMissing({ ...missing, grant: 'bob', checkedAt: 9000 })
  expect((await catalog.answers(info.url, 'bob')).missing).toBeDefined()
  await catalog.saveMissing({ ...missing, checkedAt: 11_000 })
  expect(await catalog.url(info.url)).toBeUndefined()
  expect((await catalog.answers(info.url, 'alice')).missing).toBeDefined()
})

test('a file that a newer 404 has overtaken is not stored; a newer one is, and the URL can be forgotten', async () => {
  const catalog = new Catalog(crypto.randomUUID())
  const refusal = { status: 404, statusText: '', headers: [], body: new Uint8Array() }
  await catalog.saveMissing({ url: info.url, grant: 'alice', refusal, checkedAt: 10_000 })
  const save = (grant: string, fetchedAt: number): Promise<void> =>
    catalog.updateUrl(info.url, grant, (old) => grantUrl(old, { ...info, fetchedAt }, grant))
  await save('alice', 9000)
  expect(await catalog.url(info.url)).toBeUndefined()
  expect((await catalog.answers(info.url, 'alice')).missing).toBeDefined()
  // What another user may see says nothing.
  await save('bob', 9000)
  expect(await catalog.url(info.url)).toMatchObject({ grants: ['bob'] })
  await save('alice', 11_000)
  expect(await catalog.url(info.url)).toMatchObject({ grants: ['bob', 'alice'] })
  expect((await catalog.answers(info.url, 'alice')).missing).toBeUndefined()
  await catalog.saveMissing({ url: info.url, grant: 'alice', refusal, checkedAt: 12_000 })
  await catalog.updateUrl(info.url, 'alice', () => undefined)
  expect((await catalog.answers(info.url, 'alice')).missing).toBeUndefined()
})
