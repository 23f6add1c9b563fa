import { downloadFile } from '@huggingface/hub'
import { describe, expect, test } from 'vitest'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

const create = '/api/repos/create'
const settings = '/api/models/me/vad/settings'
const named = { name: 'vad', organization: 'me' }

async function fileStatus(hub: TestHub, repo = 'me/vad'): Promise<number> {
  return (await hub.get(`/${repo}/resolve/main/a.txt`)).status
}

describe('a repository that is created', () => {
  test.each([
    { visibility: 'private' },
    { private: true },
    { private: true, visibility: 'private' },
  ])('with %j is private, across restarts too', async (access) => {
    const hub = await startTestHub()
    const made = await hub.call('POST', create, { ...named, ...access, sdk: null })
    expect([made.status, made.body['private']]).toEqual([200, true])
    await hub.put({ 'a.txt': 'hi' })
    expect(await fileStatus(hub)).toBe(401)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    expect(await fileStatus(again)).toBe(401)
    const info = await again.call('GET', '/api/models/me/vad')
    expect(info.body).toMatchObject({ private: true, gated: false })
  })

  test.each([
    { files: [] },
    { license: 'mit' },
    { resourceGroupId: 'x' },
    { visibility: 'internal' },
    { private: 'yes' },
    { private: false, visibility: 'private' },
    { type: 'bucket' },
  ])('with %j is refused, and not created', async (more) => {
    const hub = await startTestHub()
    expect((await hub.call('POST', create, { ...named, ...more })).status).toBe(400)
    expect((await hub.call('GET', '/api/models/me/vad')).status).toBe(404)
  })

  test('has a branch main with an empty commit, which is the parent of the first one', async () => {
    const hub = await startTestHub()
    await hub.call('POST', create, named)
    const { body } = await hub.call('GET', '/api/models/me/vad/revision/main')
    expect(body).toMatchObject({ sha: expect.stringMatching(/^[0-9a-f]{40}$/), siblings: [] })
    expect((await hub.call('GET', '/api/models/me/vad/tree/main')).body).toEqual([])
    await hub.put({ 'a.txt': 'hi' })
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    const commits = await again.call('GET', '/api/models/me/vad/commits/main')
    expect(commits.body).toMatchObject([{ title: 'Upload' }, { id: body['sha'] }])
  })

  test('as a space keeps its kind', async () => {
    const hub = await startTestHub()
    await hub.call('POST', create, { ...named, type: 'space', sdk: 'static' })
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    expect((await again.call('GET', '/api/spaces/me/vad')).body).toMatchObject({ sdk: 'static' })
  })

  test('a second time is answered with its URL', async () => {
    const hub = await startTestHub()
    await hub.call('POST', create, named)
    const { status, body } = await hub.call('POST', create, named)
    expect([status, body['url'], typeof body['error']]).toEqual([
      409,
      `${hub.url}/me/vad`,
      'string',
    ])
  })
})

describe('settings', () => {
  test('make a repository private, gated and public again, across restarts', async () => {
    const hub = await startTestHub()
    await hub.put({ 'a.txt': 'hi' })
    expect(await fileStatus(hub)).toBe(200)
    expect((await hub.call('PUT', settings, { gated: 'manual' })).body).toEqual({
      private: false,
      gated: 'manual',
    })
    expect(await fileStatus(hub)).toBe(401)
    expect((await hub.call('PUT', settings, { visibility: 'private' })).status).toBe(200)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    const info = await again.call('GET', '/api/models/me/vad')
    expect(info.body).toMatchObject({ private: true, gated: 'manual' })
    await again.call('PUT', settings, { private: false, gated: false })
    expect(await fileStatus(again)).toBe(200)
  })

  test('are refused without the right to write, for an absent repository, and with an unknown member', async () => {
    const hub = await startTestHub()
    expect((await hub.call('PUT', settings, { private: true }, null)).status).toBe(401)
    expect((await hub.call('PUT', settings, { private: true })).status).toBe(404)
    await hub.put({ 'a.txt': 'hi' })
    expect((await hub.call('PUT', settings, { resourceGroupId: 'x' })).status).toBe(400)
  })
})

describe('a repository that is deleted', () => {
  const remove = '/api/repos/delete'

  test('is deleted with all its commits, across restarts, and is empty when it is created again', async () => {
    const hub = await startTestHub()
    const oid = await hub.put({ 'a.txt': 'hi' })
    await hub.call('POST', '/api/models/me/vad/tag/main', { tag: 'v1' })
    expect((await hub.call('DELETE', remove, { ...named, type: 'model' })).status).toBe(200)
    expect((await hub.call('DELETE', remove, { ...named, type: 'model' })).status).toBe(404)
    expect(await fileStatus(hub)).toBe(401)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    expect((await again.call('GET', '/api/models/me/vad')).status).toBe(404)
    expect((await again.call('POST', create, named)).status).toBe(200)
    for (const revision of [oid, 'v1']) {
      const { status } = await again.call('GET', `/api/models/me/vad/revision/${revision}`)
      expect([revision, status]).toEqual([revision, 404])
    }
    expect((await again.call('GET', '/api/models/me/vad/commits/main')).body).toHaveLength(1)
  })

  test('does not affect repositories whose names begin with its own', async () => {
    const hub = await startTestHub()
    await hub.call('POST', create, { name: 'me' })
    await hub.put({ 'a.txt': 'hi' })
    expect((await hub.call('DELETE', remove, { name: 'me' })).status).toBe(200)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    expect(await fileStatus(again)).toBe(200)
    expect((await again.call('GET', '/api/models/me')).status).toBe(404)
  })

  test('and was private is private again when a commit makes it again', async () => {
    const hub = await startTestHub()
    await hub.call('POST', create, { ...named, private: true })
    await hub.call('DELETE', remove, named)
    await hub.put({ 'a.txt': 'hi' })
    expect(await fileStatus(hub)).toBe(401)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    expect(await fileStatus(again)).toBe(401)
  })

  test('no longer gives access to its uploads', async () => {
    const accessTokens = [{ token: 'hf_tester', write: ['me/vad'] }]
    const hub = await startTestHub({ accessTokens, private: ['me/vad'] })
    await putModel(hub)
    const [entry] = (await hub.call('GET', '/api/models/me/vad/lfs-files')).body as unknown as {
      oid: string
      size: number
    }[]
    const { oid, size } = entry!
    const batch = async (): Promise<boolean> => {
      const asked = { operation: 'upload', objects: [{ oid, size }] }
      const { body } = await hub.call('POST', '/me/vad.git/info/lfs/objects/batch', asked)
      return (body['objects'] as { actions?: object }[])[0]!.actions === undefined
    }
    expect(await batch()).toBe(true)
    await hub.call('DELETE', remove, named)
    expect(await batch()).toBe(false)
  })

  test('stays when the caller may not write it', async () => {
    const accessTokens = [
      { token: 'hf_tester', write: ['me/vad'] },
      { token: 'hf_reader', read: ['me/vad'] },
    ]
    const hub = await startTestHub({ accessTokens })
    await hub.put({ 'a.txt': 'hi' })
    const ask = async (token: string | null): Promise<number> =>
      (await hub.call('DELETE', remove, named, token)).status
    expect([await ask(null), await ask('hf_no'), await ask('hf_reader')]).toEqual([401, 401, 403])
    expect(await fileStatus(hub)).toBe(200)
  })
})

describe('a repository that is moved', () => {
  const move = '/api/repos/move'
  const names = { fromRepo: 'me/vad', toRepo: 'you/other', type: 'model' }

  test('has its files, references and history under the new name only, across restarts', async () => {
    const hub = await startTestHub()
    const oid = await hub.put({ 'a.txt': 'hi' })
    await putModel(hub)
    await hub.call('POST', '/api/models/me/vad/tag/main', { tag: 'v1' })
    expect((await hub.call('POST', move, names)).status).toBe(200)
    const check = async (at: TestHub): Promise<void> => {
      expect([await fileStatus(at), await fileStatus(at, 'you/other')]).toEqual([401, 200])
      const read = { ...at.client, repo: 'you/other', path: 'model.onnx', revision: 'v1' }
      expect((await downloadFile(read))?.size).toBeGreaterThan(1_000_000)
      const old = await at.call('GET', `/api/models/you/other/revision/${oid}`)
      expect([old.status, old.body['id']]).toEqual([200, 'you/other'])
    }
    await check(hub)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    await check(again)
    expect((await again.call('POST', create, named)).status).toBe(200)
  })

  test('stays private, also when only the operator had configured it', async () => {
    const hub = await startTestHub({ private: ['me/vad'] })
    await hub.put({ 'a.txt': 'hi' })
    await hub.call('POST', move, names)
    expect(await fileStatus(hub, 'you/other')).toBe(401)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    expect(await fileStatus(again, 'you/other')).toBe(401)
  })

  test('keeps what is set for it at the same time', async () => {
    const hub = await startTestHub()
    await hub.put({ 'a.txt': 'hi' })
    const [set, moved] = await Promise.all([
      hub.call('PUT', settings, { private: true }),
      hub.call('POST', move, names),
    ])
    expect(moved.status).toBe(200)
    const { body } = await hub.call('GET', '/api/models/you/other')
    expect(body['private']).toBe(set.status === 200)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    const kept = (await again.call('GET', '/api/models/you/other')).body
    expect(kept['private']).toBe(body['private'])
  })

  test('does not replace another one, and needs the right to write both names', async () => {
    const accessTokens = [
      { token: 'hf_tester', write: ['me/vad', 'you/other'] },
      { token: 'hf_one', write: ['me/vad'] },
      { token: 'hf_two', write: ['you/other'] },
    ]
    const hub = await startTestHub({ accessTokens })
    await hub.put({ 'a.txt': 'hi' })
    for (const token of ['hf_one', 'hf_two']) {
      expect((await hub.call('POST', move, names, token)).status).toBe(403)
    }
    expect((await hub.call('POST', move, { ...names, toRepo: 'me/VAD' })).status).toBe(409)
    await hub.call('POST', create, { name: 'other', organization: 'you' })
    expect((await hub.call('POST', move, names)).status).toBe(409)
    expect(await fileStatus(hub)).toBe(200)
    expect((await hub.call('POST', move, { ...names, more: 1 })).status).toBe(400)
  })

  test('back and forth at the same time ends with one of the names', async () => {
    const hub = await startTestHub()
    await hub.put({ 'a.txt': 'hi' })
    const back = { ...names, fromRepo: 'you/other', toRepo: 'me/vad' }
    await Promise.all([names, back, names, back].map((body) => hub.call('POST', move, body)))
    const statuses = [await fileStatus(hub), await fileStatus(hub, 'you/other')]
    expect(new Set(statuses)).toEqual(new Set([200, 401]))
  })
})

describe('a repository that is duplicated', () => {
  const path = '/api/models/me/vad/duplicate'
  const target = { repository: 'you/copy' }

  test('is there twice, as private as before unless something else is said', async () => {
    const hub = await startTestHub({ private: ['me/vad'] })
    await hub.put({ 'a.txt': 'hi' })
    await putModel(hub)
    expect((await hub.call('POST', path, target)).body['url']).toBe(`${hub.url}/you/copy`)
    expect((await hub.call('POST', path, target)).status).toBe(409)
    expect(await fileStatus(hub, 'you/copy')).toBe(401)
    const open = { repository: 'you/open', visibility: 'public' }
    expect((await hub.call('POST', path, open)).status).toBe(200)
    expect(await fileStatus(hub, 'you/open')).toBe(200)
    const file = { ...hub.client, repo: 'you/copy', path: 'model.onnx' }
    expect((await downloadFile(file))?.size).toBeGreaterThan(1_000_000)
  })

  test('needs the right to read it and to write the other', async () => {
    const accessTokens = [
      { token: 'hf_tester', write: ['*'] },
      { token: 'hf_reader', read: ['me/vad'] },
      { token: 'hf_writer', write: ['you/copy'] },
    ]
    const hub = await startTestHub({ accessTokens, gated: ['me/vad'] })
    await hub.put({ 'a.txt': 'hi' })
    expect((await hub.call('POST', path, target, 'hf_reader')).status).toBe(403)
    expect((await hub.call('POST', path, target, 'hf_writer')).status).toBe(403)
    expect((await hub.call('POST', path, { ...target, hardware: 'x' })).status).toBe(400)
    expect(await fileStatus(hub, 'you/copy')).toBe(401)
  })
})

describe('a list of repositories', () => {
  const accessTokens = [
    { token: 'hf_tester', write: ['*'] },
    { token: 'hf_reader', read: ['me/secret'] },
  ]
  const ids = async (hub: TestHub, query: string, token?: string | null): Promise<unknown> => {
    const { status, body } = await hub.call('GET', `/api/${query}`, undefined, token)
    return status === 200 ? (body as unknown as { id: string }[]).map(({ id }) => id) : status
  }
  const fill = async (): Promise<TestHub> => {
    const hub = await startTestHub({ accessTokens })
    for (const [name, organization, more] of [
      ['b', 'me', {}],
      ['secret', 'me', { private: true }],
      ['a', 'you', { type: 'dataset' }],
      ['a', 'me', {}],
    ] as const) {
      await hub.call('POST', create, { name, organization, ...more })
    }
    return hub
  }

  test('can be filtered by author and by a text in the name', async () => {
    const hub = await fill()
    expect(await ids(hub, 'models')).toEqual(['me/a', 'me/b', 'me/secret'])
    expect(await ids(hub, 'models?author=ME')).toEqual(['me/a', 'me/b', 'me/secret'])
    expect(await ids(hub, 'models?author=m')).toEqual([])
    expect(await ids(hub, 'models?search=ecr')).toEqual(['me/secret'])
    expect(await ids(hub, 'datasets')).toEqual(['you/a'])
    expect(await ids(hub, 'spaces')).toEqual([])
    expect(await ids(hub, 'models?sort=createdAt&direction=-1&limit=1')).toHaveLength(1)
    expect(await ids(hub, 'models?filter=onnx')).toBe(501)
  })

  test('contains private ones only for tokens that may read them', async () => {
    const hub = await fill()
    expect(await ids(hub, 'models', null)).toEqual(['me/a', 'me/b'])
    expect(await ids(hub, 'models', 'hf_reader')).toEqual(['me/a', 'me/b', 'me/secret'])
    expect(await ids(hub, 'models', 'hf_unknown')).toBe(401)
  })

  test('is paged, with the requested fields', async () => {
    const hub = await fill()
    const first = await hub.get('/api/models?limit=1&full=True')
    const link = /^<(.+)>; rel="next"$/.exec(first.headers.get('link')!)![1]!
    expect(await first.json()).toMatchObject([{ id: 'me/a', siblings: [], author: 'me' }])
    const second = await fetch(link)
    expect(await second.json()).toMatchObject([{ id: 'me/b' }])
    expect(second.headers.get('link')).toBeNull()
  })
})

test('a description has no files when only other fields are requested', async () => {
  const hub = await startTestHub()
  await hub.put({ 'a.txt': 'hi' })
  const ask = async (query: string): Promise<unknown> =>
    (await hub.call('GET', `/api/models/me/vad${query}`)).body['siblings']
  expect(await ask('?expand[]=likes')).toBeUndefined()
  expect(await ask('?expand=likes&expand=siblings')).toEqual([{ rfilename: 'a.txt' }])
  expect(await ask('?blobs=true')).toMatchObject([{ rfilename: 'a.txt', size: 2 }])
})
