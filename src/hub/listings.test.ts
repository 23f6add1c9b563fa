import { describe, expect, test } from 'vitest'
import { lastChangesOf } from './storage/history.ts'
import { startTestHub } from './testing/startTestHub.ts'

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
    const files = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`f${at}`, at]))
    const history = Array.from({ length: 100 }, (_, at) => ({
      oid: String(at),
      parent: null,
      title: '',
      date: '',
      files: Object.fromEntries(
        Object.entries(files).map(([path, id]) => [path, { oid: `${id % (at + 1)}`, size: 1 }]),
      ),
    }))
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const changes = await lastChangesOf(history)
    clearInterval(timer)
    expect(changes.size).toBe(2000)
    expect(turns).toBeGreaterThan(1)
  })
})
