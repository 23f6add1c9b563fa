import { describe, expect, test } from 'vitest'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

const create = '/api/repos/create'
const named = { name: 'vad', organization: 'me' }

test.each([
  ['/api/models/me/vad/discussions', 501],
  ['/api/collections', 501],
  ['/api/quicksearch', 501],
  ['/api/spaces/me/vad/runtime', 501],
  ['/api/nothing', 404],
  ['/api/models/me/vad/nothing', 404],
])('%s is answered with %i and a message', async (path, status) => {
  const hub = await startTestHub()
  const answer = await hub.call('GET', path)
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

  test('need the token of the start, unless the hub is open', async () => {
    const hub = await startTestHub({ open: false })
    const { writeToken } = hub.hub
    expect(writeToken).toMatch(/^hf_\w{32}$/)
    expect((await hub.call('POST', create, named)).status).toBe(401)
    expect((await hub.call('POST', create, named, writeToken)).status).toBe(200)
    const other = await startTestHub({ open: false })
    expect(other.hub.writeToken).not.toBe(writeToken)
    await expect(startTestHub({ open: true, accessTokens: [] })).rejects.toThrow('not both')
  })
})

describe('hub clients', () => {
  test('can query the rights of a token', async () => {
    const hub = await startTestHub({ accessTokens: [{ token: 'hf_reader', read: ['me/vad'] }] })
    expect((await hub.call('GET', '/api/whoami-v2', undefined, null)).status).toBe(401)
    expect((await hub.call('GET', '/api/whoami-v2', undefined, 'hf_reader')).body).toMatchObject({
      type: 'user',
      auth: { accessToken: { role: 'read' } },
    })
  })

  test('may upload a model card', async () => {
    const hub = await startTestHub()
    const card = { content: '---\nlicense: mit\n---', repoType: 'model' }
    expect((await hub.call('POST', '/api/validate-yaml', card)).body).toEqual({
      errors: [],
      warnings: [],
    })
  })

  test('can query their rights on a repository', async () => {
    const hub = await startTestHub()
    await hub.put({ 'a.txt': 'hi' })
    expect((await hub.call('GET', '/api/models/me/vad/auth-check')).status).toBe(200)
    expect((await hub.call('GET', '/api/models/me/vad/auth-check/write')).status).toBe(200)
    const head = await hub.get('/api/models/me/vad/revision/main', { method: 'HEAD' })
    expect(head.status).toBe(200)
  })
})

test('what a client did not mean is refused with 400, and nothing is made of it', async () => {
  const hub = await startTestHub()
  const post = async (path: string, body: unknown): Promise<number> => {
    const headers = { authorization: 'Bearer hf_tester' }
    return (await hub.get(path, { method: 'POST', headers, body: JSON.stringify(body) })).status
  }
  const lines = [
    null,
    { key: 'file', value: null },
    { key: 'header', value: null },
    { key: 'file', value: { path: 'a' } },
    { key: 'file', value: { path: 'a', content: 'x', encoding: 'latin1' } },
  ]
  for (const line of lines) expect(await post('/api/models/me/odd/commit/main', line)).toBe(400)
  expect(await post('/api/repos/create', { name: 'odd', organization: {} })).toBe(400)
  for (const size of [-1, 1.5]) {
    const files = [{ path: 'a', size }]
    expect(await post('/api/models/me/odd/preupload/main', { files })).toBe(400)
    const objects = [{ oid: 'a'.repeat(64), size }]
    const batch = { operation: 'upload', objects }
    expect(await post('/me/odd.git/info/lfs/objects/batch', batch)).toBe(400)
  }
  expect((await hub.get('/api/models/me/odd')).status).toBe(401)
})
