import { listFiles } from '@huggingface/hub'
import { describe, expect, test } from 'vitest'
import { entriesOf, inOrder } from './storage/entries.ts'
import { lastChangesOf } from './storage/history.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { Commit } from './context.ts'

const api = '/api/models/me/vad'

test('a repeated path is described once', async () => {
  const hub = await startTestHub()
  await hub.put({ 'a.txt': 'hi' })
  const paths = Array.from({ length: 10_000 }, () => 'a.txt')
  const { body } = await hub.call('POST', '/api/models/me/vad/paths-info/main', { paths })
  expect(body).toHaveLength(1)
})

test('paths are accepted as a form or as JSON, and folders are described too', async () => {
  const hub = await startTestHub()
  await hub.put({ 'a.txt': 'hi', 'b/c/d.txt': 'hi' })
  const body = new URLSearchParams([
    ...['a.txt', 'b', 'b/c', 'none', 'b/'].map((path) => ['paths', path]),
    ['expand', 'False'],
  ])
  const form = await hub.get(`${api}/paths-info/main`, { method: 'POST', body })
  const expected = [
    { type: 'file', path: 'a.txt', size: 2 },
    { type: 'directory', path: 'b' },
    { type: 'directory', path: 'b/c' },
  ]
  const listed = (await form.json()) as object[]
  expect(listed).toMatchObject(expected)
  expect(listed[0]).not.toHaveProperty('lastCommit')
  const paths = ['a.txt', 'b', 'b/c', 'none']
  expect((await hub.call('POST', `${api}/paths-info/main`, { paths })).body).toMatchObject(expected)
})

describe('with expand, every file and folder has the commit that changed it last', () => {
  const titles = (listed: unknown): Record<string, string> =>
    Object.fromEntries(
      (listed as { path: string; lastCommit: { title: string } }[]).map(
        ({ path, lastCommit }) => [path, lastCommit.title] as const,
      ),
    )

  test('in trees and of paths, in old revisions too, in any order of the requests', async () => {
    const hub = await startTestHub()
    const one = await hub.put({ 'a.txt': '1', 'b/c.txt': '1', 'b/d/e.txt': '1' }, 'one')
    await hub.put({ 'a.txt': '2', 'b/d/f.txt': '2' }, 'two')
    const line = { key: 'deletedFile', value: { path: 'b/d/f.txt' } }
    const header = { key: 'header', value: { summary: 'three' } }
    const body = [header, line].map((item) => JSON.stringify(item)).join('\n')
    await hub.call('POST', `${api}/commit/main`, body)
    const tree = async (revision: string): Promise<unknown> =>
      (await hub.call('GET', `${api}/tree/${revision}?recursive=True&expand=True`)).body
    const first = { 'a.txt': 'one', b: 'one', 'b/c.txt': 'one', 'b/d': 'one', 'b/d/e.txt': 'one' }
    expect(titles(await tree(one))).toEqual(first)
    const last = { ...first, 'a.txt': 'two', b: 'three', 'b/d': 'three' }
    expect(titles(await tree('main'))).toEqual(last)
    const four = await hub.put({ 'b/c.txt': '4' }, 'four')
    expect(titles(await tree(four))).toEqual({ ...last, b: 'four', 'b/c.txt': 'four' })
    const asked = { paths: ['b', 'a.txt'], expand: true }
    expect(titles((await hub.call('POST', `${api}/paths-info/${one}`, asked)).body)).toEqual({
      b: 'one',
      'a.txt': 'one',
    })
  })

  test('other requests continue during the search in a long history', async () => {
    const paths = Array.from({ length: 2000 }, (_, at) => `f${at}`)
    const history = Array.from({ length: 100 }, (_, at) => ({
      oid: String(at),
      parent: null,
      title: '',
      date: '',
    }))
    const changedPaths = async ({ oid }: Commit): Promise<readonly string[]> =>
      inOrder(paths.filter((_, at) => at % 100 === Number(oid)))
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const changes = await lastChangesOf(history, paths, changedPaths)
    clearInterval(timer)
    expect(changes.size).toBe(2000)
    expect(turns).toBeGreaterThan(1)
  })
})

describe('a tree', () => {
  test('comes in pages of at most 1000 entries, with expand of 100, which clients follow', async () => {
    const hub = await startTestHub()
    const names = Array.from({ length: 20 }, (_, at) => `${at}/${'a/'.repeat(62)}é`)
    await hub.put(Object.fromEntries(names.map((name) => [name, 'x'])))
    const tree = `${api}/tree/main?recursive=true`
    const first = await hub.get(tree)
    expect(await first.json()).toHaveLength(1000)
    expect(first.headers.get('link')).toMatch(/^<http.+cursor=.+>; rel="next"$/)
    expect((await hub.call('GET', `${tree}&limit=5000`)).body).toHaveLength(1000)
    expect((await hub.call('GET', `${tree}&expand=true`)).body).toHaveLength(100)
    const paths: string[] = []
    const repo = { type: 'model', name: 'me/vad' } as const
    const ask = (url: string | URL | Request): Promise<Response> =>
      hub.get(new Request(url).url.slice(hub.url.length))
    const files = listFiles({ repo, recursive: true, hubUrl: hub.url, fetch: ask })
    for await (const { path } of files) paths.push(path)
    expect(paths).toHaveLength(20 * 64)
    expect(new Set(paths).size).toBe(20 * 64)
  })

  test('is the same in pages of any size, of any folder', async () => {
    const hub = await startTestHub()
    const names = ['a', 'b-x', 'b/c', 'b/d/e', 'b/d/f', 'b0', 'z/y/x', 'ü/ü']
    await hub.put(Object.fromEntries(names.map((name) => [name, 'x'])))
    const pathsOf = async (query: string): Promise<string[]> => {
      const paths: string[] = []
      for (let url: string | undefined = `${api}/tree/main${query}`; url !== undefined;) {
        const page = await hub.get(url)
        paths.push(...((await page.json()) as { path: string }[]).map(({ path }) => path))
        url = /^<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1]?.slice(hub.url.length)
      }
      return paths
    }
    const all = 'a b-x b b/c b/d b/d/e b/d/f b0 z z/y z/y/x ü ü/ü'.split(' ')
    const root = 'a b-x b b0 z ü'.split(' ')
    const below = 'b/c b/d b/d/e b/d/f'.split(' ')
    for (const limit of [1, 2, 3, 100]) {
      expect(await pathsOf(`?recursive=true&limit=${limit}`)).toEqual(all)
      expect(await pathsOf(`?limit=${limit}&expand=true`)).toEqual(root)
      expect(await pathsOf(`/b?recursive=true&limit=${limit}`)).toEqual(below)
      expect(await pathsOf(`/b?limit=${limit}`)).toEqual(['b/c', 'b/d'])
    }
  })

  test('of very deep paths makes only the entries that it sends', async () => {
    const deep = Array.from({ length: 1000 }, (_, at) => `${at}${'/a'.repeat(507)}`)
    const paths = await inOrder(deep)
    const begun = performance.now()
    expect([...entriesOf(paths, { folder: '', recursive: false })]).toHaveLength(1000)
    const after = `${paths.at(-1)!.slice(0, -4)}/`
    const last = [...entriesOf(paths, { folder: '', after, recursive: true })]
    expect(last).toEqual([`${paths.at(-1)!.slice(0, -2)}/`, paths.at(-1)])
    // All entries would take seconds.
    expect(performance.now() - begun).toBeLessThan(500)
  })
})

test('a page of links is written in slices', async () => {
  const hub = await startTestHub({ listings: true })
  const names = Array.from({ length: 50 }, (_, at) => `${'é'.repeat(300)}${at}`)
  await hub.put(Object.fromEntries(names.map((name) => [name, 'x'])))
  const page = await hub.get('/me/vad/resolve/main/')
  expect(page.headers.get('content-length')).toBeNull()
  expect((await page.text()).match(/<li>/g)).toHaveLength(50)
})
