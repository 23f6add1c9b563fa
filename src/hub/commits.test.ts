import { describe, expect, test } from 'vitest'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

const api = '/api/models/me/vad'

type Line = readonly [key: string, value: object]

async function commit(
  hub: TestHub,
  lines: readonly Line[],
  where = 'main',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const body = lines.map(([key, value]) => JSON.stringify({ key, value })).join('\n')
  return hub.call('POST', `${api}/commit/${where}`, body)
}

async function filesOf(hub: TestHub, revision = 'main'): Promise<string[]> {
  const listed: { type: string; path: string }[] = []
  let url: string | undefined = `${api}/tree/${revision}?recursive=true`
  while (url !== undefined) {
    const page = await hub.get(url)
    listed.push(...((await page.json()) as typeof listed))
    url = /^<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1]?.slice(hub.url.length)
  }
  return listed.filter(({ type }) => type === 'file').map(({ path }) => path)
}

describe('a deleted folder', () => {
  test('removes everything below it, and nothing beside it', async () => {
    const hub = await startTestHub()
    await hub.put({ 'a/b.txt': '1', 'a/c/d.txt': '1', 'ab.txt': '1', 'b/a/x.txt': '1' })
    expect((await commit(hub, [['deletedFolder', { path: 'a/' }]])).status).toBe(200)
    expect(await filesOf(hub)).toEqual(['ab.txt', 'b/a/x.txt'])
    expect((await commit(hub, [['deletedFolder', { path: 'b' }]])).status).toBe(200)
    expect(await filesOf(hub)).toEqual(['ab.txt'])
  })

  test('may be filled again by the same commit, in the order of its lines', async () => {
    const hub = await startTestHub()
    await hub.put({ 'a/old.txt': '1', 'a/same.txt': '1' })
    const file = (path: string): Line => ['file', { path, content: '2' }]
    const lines = [
      file('a/same.txt'),
      ['deletedFolder', { path: 'a/' }],
      file('a/new.txt'),
    ] as const
    expect((await commit(hub, lines)).status).toBe(200)
    expect(await filesOf(hub)).toEqual(['a/new.txt'])
    const again = [file('a/x.txt'), ['deletedFolder', { path: 'a/' }], file('a/x.txt')] as const
    expect((await commit(hub, again)).status).toBe(200)
    expect(await filesOf(hub)).toEqual(['a/x.txt'])
  })
})

test.each([
  ['deletedFile', { path: 'none.txt' }],
  ['deletedFile', { path: 'a' }],
  ['deletedFolder', { path: 'a.txt' }],
  ['deletedFolder', { path: 'none/' }],
] as const)('%s of %j, which is not there, is refused, and nothing changes', async (key, value) => {
  const hub = await startTestHub()
  const before = await hub.put({ 'a.txt': '1', 'a/b.txt': '1' })
  const answer = await commit(hub, [
    ['file', { path: 'c.txt', content: '1' }],
    [key, value],
  ])
  expect([answer.status, answer.body['error']]).toEqual([
    404,
    expect.stringContaining("A file with this name doesn't exist"),
  ])
  expect((await hub.call('GET', `${api}/revision/main`)).body['sha']).toBe(before)
})

describe('a branch that does not exist', () => {
  const line: Line = ['file', { path: 'b.txt', content: '1' }]
  const sized = { files: [{ path: 'b.txt', size: 1 }] }

  test('is refused before files are sent, and at the commit', async () => {
    const hub = await startTestHub()
    expect((await commit(hub, [line], 'dev')).status).toBe(404)
    await hub.put({ 'a.txt': '1' })
    expect((await commit(hub, [line], 'dev')).status).toBe(404)
    expect((await hub.call('POST', `${api}/preupload/dev`, sized)).status).toBe(404)
    expect((await hub.call('GET', `${api}/tree/dev`)).status).toBe(404)
  })

  test('is created on request, and begins at main', async () => {
    const hub = await startTestHub()
    await hub.put({ 'a.txt': '1' })
    const where = 'dev?createBranch=1'
    expect((await hub.call('POST', `${api}/preupload/${where}`, sized)).status).toBe(200)
    expect((await commit(hub, [line], where)).status).toBe(200)
    expect(await filesOf(hub, 'dev')).toEqual(['a.txt', 'b.txt'])
    expect(await filesOf(hub)).toEqual(['a.txt'])
    expect((await commit(hub, [line], `${'a'.repeat(40)}?createBranch=1`)).status).toBe(400)
  })

  test('stays so for a tag and a commit id', async () => {
    const hub = await startTestHub()
    const oid = await hub.put({ 'a.txt': '1' })
    await hub.call('POST', `${api}/tag/main`, { tag: 'v1' })
    for (const where of ['v1', oid]) expect((await commit(hub, [line], where)).status).toBe(404)
  })
})

test('the parent of a commit may be named by its first digits', async () => {
  const hub = await startTestHub()
  const oid = await hub.put({ 'a.txt': '1' })
  const change = (parentCommit: string): readonly Line[] => [
    ['header', { summary: 'x', parentCommit }],
    ['file', { path: 'a.txt', content: parentCommit }],
  ]
  expect((await commit(hub, change(oid.slice(0, 6)))).status).toBe(412)
  expect((await commit(hub, change(oid.slice(0, 7)))).status).toBe(200)
  expect((await commit(hub, change(oid))).status).toBe(412)
})

test('what a branch holds is said before an upload, so that clients leave out what is unchanged', async () => {
  const hub = await startTestHub()
  await hub.put({ 'a.txt': 'hi' })
  await putModel(hub)
  const files = ['a.txt', 'model.onnx', 'new.txt'].map((path) => ({ path, size: 2 }))
  const { body } = await hub.call('POST', `${api}/preupload/main`, { files })
  const [entry] = (await hub.call('GET', `${api}/lfs-files`)).body as unknown as { oid: string }[]
  expect((body['files'] as { oid?: string }[]).map(({ oid }) => oid)).toEqual([
    '32f95c0d1244a78b2be1bab8de17906fabb2c4a8',
    entry!.oid,
    undefined,
  ])
})

test('a commit that began before its repository was deleted does not bring it back', async () => {
  const hub = await startTestHub()
  await hub.put({ 'a.txt': '1' })
  let finish = (): void => undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const line = JSON.stringify({ key: 'file', value: { path: 'b.txt', content: '1' } })
      controller.enqueue(new TextEncoder().encode(`${line}\n`))
      finish = () => controller.close()
    },
  })
  const headers = { authorization: 'Bearer hf_tester' }
  const url = `${hub.url}${api}/commit/main`
  const init = { method: 'POST', headers, body, duplex: 'half' as const }
  const committed = hub.hub.fetch(new Request(url, init))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const named = { name: 'vad', organization: 'me' }
  expect((await hub.call('DELETE', '/api/repos/delete', named)).status).toBe(200)
  finish()
  expect((await committed).status).toBe(404)
  expect((await hub.call('GET', api)).status).toBe(404)
})

describe('copies of large files from another repository', () => {
  test('are possible for what that one holds and the caller may read', async () => {
    const hub = await startTestHub()
    await putModel(hub)
    const [entry] = (await hub.call('GET', `${api}/lfs-files`)).body as unknown as { oid: string }[]
    const target = { type: 'dataset', name: 'me/data' }
    const absent = 'ab'.repeat(32)
    const files = [{ sha256: entry!.oid }, { sha256: absent }]
    const { body } = await hub.call('POST', `${api}/lfs-files/duplicate`, { target, files })
    expect(body['failed']).toMatchObject([{ sha256: absent }])
    // Clients name no size for a copy.
    const line = { key: 'lfsFile', value: { path: 'copy.onnx', algo: 'sha256', oid: entry!.oid } }
    expect((await hub.call('POST', '/api/datasets/me/data/commit/main', line)).status).toBe(200)
  })
})

test('what a .gitignore excludes is said before an upload: the one that is sent, else that of the branch', async () => {
  const hub = await startTestHub()
  const files = ['.env', 'a.txt', 'x/key.pem'].map((path) => ({ path, size: 2 }))
  const ignored = async (gitIgnore?: string): Promise<boolean[]> => {
    const { body } = await hub.call('POST', `${api}/preupload/main`, { files, gitIgnore })
    return (body['files'] as { shouldIgnore: boolean }[]).map(({ shouldIgnore }) => shouldIgnore)
  }
  expect(await ignored()).toEqual([false, false, false])
  expect(await ignored('.env\n*.pem')).toEqual([true, false, true])
  await hub.put({ '.gitignore': '.env\n' })
  expect(await ignored()).toEqual([true, false, false])
  expect(await ignored('')).toEqual([false, false, false])
})

test('a commit that deletes very many folders is refused, and changes nothing', async () => {
  const hub = await startTestHub()
  const paths = Array.from({ length: 1001 }, (_, at) => `d${at}`)
  await hub.put(Object.fromEntries(paths.map((path) => [`${path}/a.txt`, 'x'])))
  const lines = paths.map((path): Line => ['deletedFolder', { path: `${path}/` }])
  expect((await commit(hub, lines)).status).toBe(413)
  expect(await filesOf(hub)).toHaveLength(1001)
  expect((await commit(hub, lines.slice(1))).status).toBe(200)
})

describe('a commit is refused with 400, and changes nothing,', () => {
  const file = (path: string, more: object = { content: 'x' }): Line => ['file', { path, ...more }]
  const base64 = (content: string): Line => file('b.txt', { content, encoding: 'base64' })
  test.each<[string, Line[]]>([
    ['for a path of more than 64 parts', [file(`${'a/'.repeat(64)}b`)]],
    ['for a path that is not well-formed', [file('\ud800')]],
    ['for content that is not well-formed', [file('b.txt', { content: 'x\udc00' })]],
    ['for a summary of 1,001 characters', [['header', { summary: 'x'.repeat(1001) }]]],
    ['for a description of 65,537 characters', [['header', { description: '<'.repeat(65_537) }]]],
    ['for content that is not base64', [base64('@@')]],
    ['for base64 that ends early', [base64('abcde')]],
    ['for base64 with padding in it', [base64('ab==cdef')]],
    ['for a file below a new file', [file('n'), file('n-'), file('n/b')]],
    ['for a file below a file', [file('a.txt/b')]],
    ['for a file with the name of a folder', [file('f')]],
    ['for a large file of a negative size', [['lfsFile', { path: 'l', oid: 'a', size: -1 }]]],
  ])('%s', async (_, lines) => {
    const hub = await startTestHub()
    const before = await hub.put({ 'a.txt': '1', 'f/b/c.txt': '1' })
    expect((await commit(hub, [file('ok.txt'), ...lines])).status).toBe(400)
    expect((await hub.call('GET', `${api}/revision/main`)).body['sha']).toBe(before)
  })

  test('but not at its limits, nor when a folder gives way to a file', async () => {
    const hub = await startTestHub()
    await hub.put({ 'f/b/c.txt': '1' })
    const lines: Line[] = [
      ['header', { summary: 'x'.repeat(1000), description: 'y'.repeat(65_536) }],
      file(`${'a/'.repeat(63)}b`),
      file('pair.txt', { content: '\ud83d\ude00 \\ud800' }),
      base64('aGk='),
      ['deletedFolder', { path: 'f/' }],
      file('f'),
    ]
    expect((await commit(hub, lines)).status).toBe(200)
    expect(await (await hub.get('/me/vad/resolve/main/pair.txt')).text()).toBe('😀 \\ud800')
    expect(await (await hub.get('/me/vad/resolve/main/b.txt')).text()).toBe('hi')
    expect(await filesOf(hub)).toContain('f')
  })
})

test('a commit of very many empty lines is refused', async () => {
  const hub = await startTestHub()
  const { status } = await hub.call('POST', `${api}/commit/main`, '\n'.repeat(10_000))
  expect(status).toBe(413)
})

test('an LFS batch for a branch that is not well-formed is refused with 400', async () => {
  const hub = await startTestHub()
  const objects = [{ oid: 'a'.repeat(64), size: 5 }]
  const call = { operation: 'upload', objects, transfers: ['xet'], ref: { name: '\ud800' } }
  const batch = '/me/vad.git/info/lfs/objects/batch'
  expect((await hub.call('POST', batch, call)).status).toBe(400)
  const negative = { ...call, ref: { name: 'main' }, objects: [{ ...objects[0], size: -1 }] }
  expect((await hub.call('POST', batch, negative)).status).toBe(400)
})
