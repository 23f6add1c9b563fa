import { describe, expect, test } from 'vitest'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

const api = '/api/models/me/vad'

interface Ref {
  readonly name: string
  readonly ref: string
  readonly targetCommit: string
}

async function refsOf(hub: TestHub, kind = 'branches'): Promise<[string, string, string][]> {
  const { body } = await hub.call('GET', `${api}/refs?include_prs=1`)
  return (body[kind] as Ref[]).map(({ name, ref, targetCommit }) => [name, ref, targetCommit])
}

async function statusOf(hub: TestHub, revision: string): Promise<number> {
  return (await hub.get(`/me/vad/resolve/${encodeURIComponent(revision)}/a.txt`)).status
}

async function restarted(hub: TestHub): Promise<TestHub> {
  await hub.close()
  return startTestHub({ folder: hub.folder })
}

describe('branches', () => {
  test('can start at any revision, are listed, get commits independently, and can be deleted, across restarts', async () => {
    let hub = await startTestHub()
    const one = await hub.put({ 'a.txt': '1' })
    const two = await hub.put({ 'a.txt': '2' })
    const make = (name: string, body: object): Promise<{ status: number }> =>
      hub.call('POST', `${api}/branch/${encodeURIComponent(name)}`, body)
    expect((await make('dev/x', {})).status).toBe(200)
    expect((await make('old', { startingPoint: one.slice(0, 8) })).status).toBe(200)
    expect((await make('empty', { emptyBranch: true })).status).toBe(200)
    hub = await restarted(hub)
    expect(await refsOf(hub)).toContainEqual(['dev/x', 'refs/heads/dev/x', two])
    expect(await refsOf(hub)).toContainEqual(['old', 'refs/heads/old', one])
    expect(await statusOf(hub, 'empty')).toBe(404)
    expect((await hub.call('GET', `${api}/tree/empty`)).body).toEqual([])
    const line = { key: 'file', value: { path: 'b.txt', content: 'b' } }
    await hub.call('POST', `${api}/commit/old`, line)
    expect((await hub.call('GET', `${api}/tree/old`)).body).toHaveLength(2)
    expect((await hub.call('GET', `${api}/tree/main`)).body).toHaveLength(1)
    expect((await hub.call('DELETE', `${api}/branch/dev%2Fx`)).status).toBe(200)
    expect((await hub.call('DELETE', `${api}/branch/dev%2Fx`)).status).toBe(404)
    hub = await restarted(hub)
    expect((await refsOf(hub)).map(([name]) => name).toSorted()).toEqual(['empty', 'main', 'old'])
  })

  test('that exist are moved only with overwrite', async () => {
    const hub = await startTestHub()
    const one = await hub.put({ 'a.txt': '1' })
    const two = await hub.put({ 'a.txt': '2' })
    const make = async (body: object): Promise<number> =>
      (await hub.call('POST', `${api}/branch/dev`, body)).status
    expect(await make({})).toBe(200)
    expect(await make({})).toBe(409)
    expect(await make({ overwrite: true })).toBe(200)
    expect(await refsOf(hub)).toContainEqual(['dev', 'refs/heads/dev', two])
    expect(await make({ overwrite: true, startingPoint: one })).toBe(200)
    expect(await refsOf(hub)).toContainEqual(['dev', 'refs/heads/dev', one])
    expect((await hub.call('POST', `${api}/branch/DEV`, { overwrite: true })).status).toBe(409)
    expect(await make({ overwrite: true, startingPoint: 'none' })).toBe(404)
  })

  test.each([
    'a'.repeat(40),
    'HEAD',
    'refs/pr/1',
    'a..b',
    'x.lock',
    'ä',
    '-x',
    'a/'.repeat(90) + 'a',
  ])('cannot be called %s', async (name) => {
    const hub = await startTestHub()
    await hub.put({ 'a.txt': 'hi' })
    const path = `${api}/branch/${encodeURIComponent(name)}`
    expect((await hub.call('POST', path, {})).status).toBe(400)
    const tag = { tag: name }
    expect((await hub.call('POST', `${api}/tag/main`, tag)).status).toBe(400)
  })

  test('main cannot be deleted, and nothing is created in a missing repository', async () => {
    const hub = await startTestHub()
    expect((await hub.call('POST', `${api}/branch/dev`, {})).status).toBe(404)
    expect((await hub.call('GET', `${api}/refs`)).status).toBe(404)
    await hub.put({ 'a.txt': 'hi' })
    expect((await hub.call('DELETE', `${api}/branch/main`)).status).toBe(403)
    expect((await hub.call('DELETE', `${api}/branch/HEAD`)).status).toBe(403)
  })
})

test('tags name a commit, across restarts, until they are deleted', async () => {
  let hub = await startTestHub()
  const one = await hub.put({ 'a.txt': '1' })
  const made = { tag: 'v1.0', message: 'first\nline' }
  expect((await hub.call('POST', `${api}/tag/main`, made)).status).toBe(200)
  expect((await hub.call('POST', `${api}/tag/main`, made)).status).toBe(409)
  expect((await hub.call('POST', `${api}/tag/none`, { tag: 'v2' })).status).toBe(404)
  await hub.put({ 'a.txt': '2' })
  hub = await restarted(hub)
  expect(await refsOf(hub, 'tags')).toEqual([['v1.0', 'refs/tags/v1.0', one]])
  for (const revision of ['v1.0', 'refs/tags/v1.0', one, one.slice(0, 7)]) {
    const { body } = await hub.call('GET', `${api}/revision/${encodeURIComponent(revision)}`)
    expect([revision, body['sha']]).toEqual([revision, one])
  }
  expect((await hub.call('DELETE', `${api}/tag/v1.0`)).status).toBe(200)
  expect((await hub.call('DELETE', `${api}/tag/v1.0`)).status).toBe(404)
  expect(await statusOf(hub, 'v1.0')).toBe(404)
})

test('HEAD is main, and a too short prefix of a commit id is not found', async () => {
  const hub = await startTestHub()
  const oid = await hub.put({ 'a.txt': '1' })
  expect((await hub.call('GET', `${api}/revision/HEAD`)).body['sha']).toBe(oid)
  expect(await statusOf(hub, 'HEAD')).toBe(200)
  expect(await statusOf(hub, oid.slice(0, 6))).toBe(404)
  expect(await statusOf(hub, `${oid.slice(0, 10)}0000000`)).toBe(404)
})

describe('a pull request', () => {
  const line = { key: 'file', value: { path: 'a.txt', content: 'changed' } }

  test('is a separate branch that accepts further commits', async () => {
    let hub = await startTestHub()
    const one = await hub.put({ 'a.txt': '1' })
    const opened = await hub.call('POST', `${api}/commit/main?create_pr=1`, line)
    expect(opened.body['pullRequestUrl']).toBe(`${hub.url}/me/vad/discussions/1`)
    const other = await hub.call('POST', `${api}/commit/main?create_pr=1`, line)
    expect(other.body['pullRequestUrl']).toBe(`${hub.url}/me/vad/discussions/2`)
    hub = await restarted(hub)
    expect(await refsOf(hub)).toEqual([['main', 'refs/heads/main', one]])
    const oid = opened.body['commitOid'] as string
    expect(await refsOf(hub, 'pullRequests')).toContainEqual(['1', 'refs/pr/1', oid])
    expect((await hub.call('GET', `${api}/refs`)).body).not.toHaveProperty('pullRequests')
    const next = await hub.call('POST', `${api}/commit/refs%2Fpr%2F1`, line)
    const commits = await hub.call('GET', `${api}/commits/refs%2Fpr%2F1`)
    expect(commits.body).toMatchObject([{ id: next.body['commitOid'] }, { id: oid }, { id: one }])
  })

  test('begins at the given parent, which must exist', async () => {
    const hub = await startTestHub()
    const lines = (parentCommit: string): string =>
      [{ key: 'header', value: { parentCommit } }, line]
        .map((item) => JSON.stringify(item))
        .join('\n')
    expect((await hub.call('POST', `${api}/commit/main?create_pr=1`, line)).status).toBe(404)
    const one = await hub.put({ 'a.txt': '1' })
    await hub.put({ 'b.txt': '2' })
    const path = `${api}/commit/main?create_pr=1`
    expect((await hub.call('POST', path, lines(one))).status).toBe(200)
    expect((await hub.call('GET', `${api}/tree/refs%2Fpr%2F1`)).body).toHaveLength(1)
    expect((await hub.call('POST', path, lines('a'.repeat(40)))).status).toBe(404)
  })
})

describe('a squashed history', () => {
  test('is one commit with the same files; older ones are deleted unless a reference reaches them', async () => {
    let hub = await startTestHub()
    const one = await hub.put({ 'a.txt': '1' })
    const two = await hub.put({ 'a.txt': '2' })
    await hub.call('POST', `${api}/tag/main`, { tag: 'kept' })
    const three = await hub.put({ 'a.txt': '3' })
    const squash = `${api}/super-squash/main`
    const { body } = await hub.call('POST', squash, { message: 'one' })
    const check = async (): Promise<void> => {
      const commits = await hub.call('GET', `${api}/commits/main`)
      expect(commits.body).toMatchObject([{ id: body['commitOid'], title: 'one' }])
      expect(await (await hub.get('/me/vad/resolve/main/a.txt')).text()).toBe('3')
      for (const [oid, status] of [
        [one, 200],
        [two, 200],
        [three, 404],
      ] as const) {
        expect([oid, await statusOf(hub, oid)]).toEqual([oid, status])
      }
    }
    await check()
    hub = await restarted(hub)
    await check()
    expect((await hub.call('POST', `${api}/super-squash/none`, {})).status).toBe(404)
  })
})

describe('commits', () => {
  test('are listed newest first, in pages, with their number and description', async () => {
    const hub = await startTestHub()
    for (let index = 0; index < 2; index++) await hub.put({ 'a.txt': String(index) })
    const header = { key: 'header', value: { summary: '<3>', description: 'why & how' } }
    await hub.call('POST', `${api}/commit/main`, header)
    const ask = async (query: string): Promise<unknown[]> => {
      const { headers, ...response } = await hub
        .get(`${api}/commits/main${query}`)
        .then(async (answer) => ({
          headers: answer.headers,
          listed: (await answer.json()) as unknown[],
        }))
      return [response.listed.length, headers.get('x-total-count'), headers.get('link')]
    }
    expect(await ask('')).toEqual([3, '3', null])
    const next = `<${hub.url}${api}/commits/main?limit=2&p=1>; rel="next"`
    expect(await ask('?limit=2')).toEqual([2, '3', next])
    expect(await ask('?limit=2&p=1')).toEqual([1, '3', null])
    const { body } = await hub.call('GET', `${api}/commits/main?limit=1&expand[]=formatted`)
    expect(body).toMatchObject([
      {
        title: '<3>',
        message: 'why & how',
        formatted: { title: '&#60;3&#62;', message: 'why &#38; how' },
      },
    ])
  })
})

test('formatted commits come in pages of at most 20, and messages of squashes and tags are bounded', async () => {
  const hub = await startTestHub()
  for (let index = 0; index < 21; index++) {
    const line = { key: 'header', value: { summary: String(index) } }
    await hub.call('POST', `${api}/commit/main`, line)
  }
  const page = await hub.get(`${api}/commits/main?limit=1000&expand[]=formatted`)
  expect(await page.json()).toHaveLength(20)
  expect(page.headers.get('link')).toContain('p=1')
  expect((await hub.call('GET', `${api}/commits/main?limit=1000`)).body).toHaveLength(21)
  const long = { tag: 'v1', message: '<'.repeat(65_537) }
  expect((await hub.call('POST', `${api}/tag/main`, long)).status).toBe(400)
  expect((await hub.call('POST', `${api}/super-squash/main`, long)).status).toBe(400)
})

test('large files are listed once per content, with the path and date of their first commit', async () => {
  const hub = await startTestHub()
  const { putModel } = await import('./testing/putModel.ts')
  await putModel(hub)
  const copy = await hub.call('GET', `${api}/lfs-files`)
  expect(copy.body).toMatchObject([
    { filename: 'model.onnx', oid: expect.stringMatching(/^\w{64}$/) },
  ])
})
