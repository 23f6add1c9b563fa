import { describe, expect, test } from 'vitest'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

async function call(
  hub: TestHub,
  method: string,
  path: string,
  body?: unknown,
  token: string | null = 'hf_tester',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await hub.get(path, {
    method,
    ...(token !== null && { headers: { authorization: `Bearer ${token}` } }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const create = '/api/repos/create'
const settings = '/api/models/me/vad/settings'
const named = { name: 'vad', organization: 'me' }

async function putText(hub: TestHub): Promise<void> {
  const line = { key: 'file', value: { path: 'a.txt', content: 'hi' } }
  expect((await call(hub, 'POST', '/api/models/me/vad/commit/main', line)).status).toBe(200)
}

async function fileStatus(hub: TestHub): Promise<number> {
  return (await hub.get('/me/vad/resolve/main/a.txt')).status
}

describe('a repository that is created', () => {
  test.each([
    { visibility: 'private' },
    { private: true },
    { private: true, visibility: 'private' },
  ])('with %j is private, over restarts too', async (access) => {
    const hub = await startTestHub()
    const made = await call(hub, 'POST', create, { ...named, ...access, sdk: null })
    expect([made.status, made.body['private']]).toEqual([200, true])
    await putText(hub)
    expect(await fileStatus(hub)).toBe(401)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    expect(await fileStatus(again)).toBe(401)
    const info = await call(again, 'GET', '/api/models/me/vad')
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
  ])('with %j is refused, and not made', async (more) => {
    const hub = await startTestHub()
    expect((await call(hub, 'POST', create, { ...named, ...more })).status).toBe(400)
    expect((await call(hub, 'GET', '/api/models/me/vad')).status).toBe(404)
  })

  test('a second time is answered with its address', async () => {
    const hub = await startTestHub()
    await call(hub, 'POST', create, named)
    const { status, body } = await call(hub, 'POST', create, named)
    expect([status, body['url'], typeof body['error']]).toEqual([
      409,
      `${hub.url}/me/vad`,
      'string',
    ])
  })
})

describe('settings', () => {
  test('make a repository private, gated and public again, over restarts', async () => {
    const hub = await startTestHub()
    await putText(hub)
    expect(await fileStatus(hub)).toBe(200)
    expect((await call(hub, 'PUT', settings, { gated: 'manual' })).body).toEqual({
      private: false,
      gated: 'manual',
    })
    expect(await fileStatus(hub)).toBe(401)
    expect((await call(hub, 'PUT', settings, { visibility: 'private' })).status).toBe(200)
    await hub.close()
    const again = await startTestHub({ folder: hub.folder })
    const info = await call(again, 'GET', '/api/models/me/vad')
    expect(info.body).toMatchObject({ private: true, gated: 'manual' })
    await call(again, 'PUT', settings, { private: false, gated: false })
    expect(await fileStatus(again)).toBe(200)
  })

  test('are refused without the right to write, for an absent repository, and with an unknown member', async () => {
    const hub = await startTestHub()
    expect((await call(hub, 'PUT', settings, { private: true }, null)).status).toBe(401)
    expect((await call(hub, 'PUT', settings, { private: true })).status).toBe(404)
    await putText(hub)
    expect((await call(hub, 'PUT', settings, { resourceGroupId: 'x' })).status).toBe(400)
  })
})

test('a path that is named many times is described once', async () => {
  const hub = await startTestHub()
  await putText(hub)
  const paths = Array.from({ length: 10_000 }, () => 'a.txt')
  const { body } = await call(hub, 'POST', '/api/models/me/vad/paths-info/main', { paths })
  expect(body).toHaveLength(1)
})

test.each([
  ['/api/models/me/vad/discussions', 501],
  ['/api/collections', 501],
  ['/api/quicksearch', 501],
  ['/api/spaces/me/vad/runtime', 501],
  ['/api/nothing', 404],
  ['/api/models/me/vad/nothing', 404],
])('%s is answered with %i and a sentence', async (path, status) => {
  const hub = await startTestHub()
  const answer = await call(hub, 'GET', path)
  expect([answer.status, answer.body['error']]).toEqual([status, expect.stringMatching(/\.$/)])
})

describe('changes', () => {
  const send = (hub: TestHub, headers: Record<string, string>): Promise<number> =>
    hub.hub
      .fetch(
        new Request(`http://${headers['host'] ?? '127.0.0.1'}${create}`, {
          method: 'POST',
          headers: { authorization: 'Bearer hf_tester', ...headers },
          body: JSON.stringify({ name: `n${Math.random()}`.replace('.', '') }),
        }),
      )
      .then(({ status }) => status)

  test('under a name that a page can bind to this machine are refused', async () => {
    const hub = await startTestHub({ hosts: ['models.lan'] })
    for (const host of [
      '127.0.0.1:8787',
      'localhost:8787',
      '[::1]:8787',
      '192.168.1.7',
      'models.lan',
    ]) {
      expect([host, await send(hub, { host })]).toEqual([host, 200])
    }
    for (const host of ['rebound.example', '127.0.0.1.rebound.example', 'localhost.example']) {
      expect([host, await send(hub, { host })]).toEqual([host, 403])
    }
  })

  test('of an open hub are refused to pages of other machines', async () => {
    const hub = await startTestHub()
    expect(await send(hub, { origin: 'http://localhost:5173' })).toBe(200)
    for (const origin of ['https://page.example', 'null']) {
      expect([origin, await send(hub, { origin })]).toEqual([origin, 403])
    }
  })

  test('need the token that was made at the start, unless the hub is open', async () => {
    const hub = await startTestHub({ open: false })
    const { writeToken } = hub.hub
    expect(writeToken).toMatch(/^hf_\w{32}$/)
    expect((await call(hub, 'POST', create, named)).status).toBe(401)
    expect((await call(hub, 'POST', create, named, writeToken)).status).toBe(200)
    const other = await startTestHub({ open: false })
    expect(other.hub.writeToken).not.toBe(writeToken)
    await expect(startTestHub({ open: true, accessTokens: [] })).rejects.toThrow('not both')
  })
})

describe('hub clients', () => {
  test('learn what a token may do', async () => {
    const hub = await startTestHub({ accessTokens: [{ token: 'hf_reader', read: ['me/vad'] }] })
    expect((await call(hub, 'GET', '/api/whoami-v2', undefined, null)).status).toBe(401)
    expect((await call(hub, 'GET', '/api/whoami-v2', undefined, 'hf_reader')).body).toMatchObject({
      type: 'user',
      auth: { accessToken: { role: 'read' } },
    })
  })

  test('may upload a model card, name paths in a form, and ask for a revision by HEAD', async () => {
    const hub = await startTestHub()
    await putText(hub)
    const card = { content: '---\nlicense: mit\n---', repoType: 'model' }
    expect((await call(hub, 'POST', '/api/validate-yaml', card)).body).toEqual({
      errors: [],
      warnings: [],
    })
    const form = await hub.get('/api/models/me/vad/paths-info/main', {
      method: 'POST',
      body: new URLSearchParams([
        ['paths', 'a.txt'],
        ['paths', 'none'],
        ['expand', 'False'],
      ]),
    })
    expect(await form.json()).toMatchObject([{ path: 'a.txt', size: 2 }])
    const head = await hub.get('/api/models/me/vad/revision/main', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect((await call(hub, 'GET', '/api/models/me/vad/auth-check')).status).toBe(200)
    const info = await call(hub, 'GET', '/api/models/me/vad?blobs=true')
    expect(info.body['siblings']).toMatchObject([{ rfilename: 'a.txt', size: 2 }])
  })

  test('list commits, newest first, in pages', async () => {
    const hub = await startTestHub()
    for (let index = 0; index < 3; index++) await putText(hub)
    const ask = async (query: string): Promise<[number, string | null]> => {
      const response = await hub.get(`/api/models/me/vad/commits/main${query}`)
      return [((await response.json()) as unknown[]).length, response.headers.get('link')]
    }
    expect(await ask('')).toEqual([3, null])
    expect(await ask('?limit=2')).toEqual([
      2,
      `<${hub.url}/api/models/me/vad/commits/main?limit=2&p=1>; rel="next"`,
    ])
    expect(await ask('?limit=2&p=1')).toEqual([1, null])
  })
})
