import { describe, expect, test } from 'vitest'
import { startTestHub } from './testing/startTestHub.ts'
import { uploadFile } from '@huggingface/hub'
import type { TestHub } from './testing/TestHub.ts'
import type { HubCaller } from './hub.ts'

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

describe('cas tokens', () => {
  const accessTokens = [
    { token: 'hf_tester', write: ['me/vad', 'me/moved'] },
    { token: 'hf_reader', read: ['me/vad'] },
  ]
  const named = { name: 'vad', organization: 'me' }

  async function putSmall(hub: TestHub): Promise<void> {
    const file = { path: 'weights.bin', content: new Blob([new Uint8Array(1000).fill(7)]) }
    await uploadFile({ ...hub.client, repo: 'me/vad', file, useXet: true })
  }

  /** A public repository with one file, and its tokens. */
  async function openTokens(options: Partial<Parameters<typeof startTestHub>[0]> = {}) {
    const hub = await startTestHub({ accessTokens, ...options })
    await putSmall(hub)
    const tree = await hub.get('/api/models/me/vad/tree/main')
    const [entry] = (await tree.json()) as { xetHash: string }[]
    return { hub, file: entry!.xetHash }
  }

  async function casOf(hub: TestHub, scope: 'read' | 'write', token?: string): Promise<string> {
    const response = await hub.get(`/api/models/me/vad/xet-${scope}-token/main`, {
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    })
    expect(response.status).toBe(200)
    return ((await response.json()) as { accessToken: string }).accessToken
  }

  /** The status of a reconstruction for a CAS token. */
  async function read(hub: TestHub, file: string, cas: string): Promise<number> {
    const headers = { authorization: `Bearer ${cas}` }
    return (await hub.get(`/v1/reconstructions/${file}`, { headers })).status
  }

  /** The status of a shard for a CAS token: 400 when it is admitted, because this is none. */
  async function write(hub: TestHub, cas: string): Promise<number> {
    const headers = { authorization: `Bearer ${cas}` }
    return (await hub.get('/v1/shards', { method: 'POST', headers, body: 'no shard' })).status
  }

  const remake = async (hub: TestHub): Promise<void> => {
    expect((await hub.call('DELETE', '/api/repos/delete', named, 'hf_tester')).status).toBe(200)
    const made = await hub.call(
      'POST',
      '/api/repos/create',
      { ...named, private: true },
      'hf_tester',
    )
    expect(made.status).toBe(200)
  }

  describe('a CAS token', () => {
    test.each([{ private: true }, { gated: 'auto' }])(
      'of a public repository ends with the setting %j, and one by right does not',
      async (setting) => {
        const { hub, file } = await openTokens()
        const anonymous = await casOf(hub, 'read')
        const reader = await casOf(hub, 'read', 'hf_reader')
        const writer = await casOf(hub, 'write', 'hf_tester')
        expect(await read(hub, file, anonymous)).toBe(200)
        await hub.call('PUT', '/api/models/me/vad/settings', setting, 'hf_tester')
        expect(await read(hub, file, anonymous)).toBe(401)
        expect(await read(hub, file, reader)).toBe(200)
        expect(await read(hub, file, writer)).toBe(200)
      },
    )

    test('ends when its repository is deleted and made again', async () => {
      const { hub, file } = await openTokens()
      const tokens = [await casOf(hub, 'read'), await casOf(hub, 'read', 'hf_reader')]
      const writer = await casOf(hub, 'write', 'hf_tester')
      await remake(hub)
      await hub.call('PUT', '/api/models/me/vad/settings', { private: false }, 'hf_tester')
      await putSmall(hub)
      for (const token of [...tokens, writer]) expect(await read(hub, file, token)).toBe(401)
      expect(await write(hub, writer)).toBe(401)
      expect(await read(hub, file, await casOf(hub, 'read'))).toBe(200)
    })

    test('ends when its repository is moved, also when it comes back', async () => {
      const { hub, file } = await openTokens()
      const writer = await casOf(hub, 'write', 'hf_tester')
      const move = async (fromRepo: string, toRepo: string): Promise<void> => {
        const moved = await hub.call('POST', '/api/repos/move', { fromRepo, toRepo }, 'hf_tester')
        expect(moved.status).toBe(200)
      }
      await move('me/vad', 'me/moved')
      expect(await read(hub, file, writer)).toBe(401)
      await move('me/moved', 'me/vad')
      expect(await read(hub, file, writer)).toBe(401)
    })

    test('stays across a restart, unless its access token lost its right', async () => {
      const { hub, file } = await openTokens()
      const reader = await casOf(hub, 'read', 'hf_reader')
      const writer = await casOf(hub, 'write', 'hf_tester')
      await hub.close()
      const again = await startTestHub({
        folder: hub.folder,
        accessTokens: [
          { token: 'hf_tester', read: ['me/vad'] },
          { token: 'hf_reader', read: ['me/vad'] },
        ],
        private: ['me/vad'],
      })
      expect(await read(again, file, reader)).toBe(200)
      expect(await write(again, writer)).toBe(401)
      await again.close()
      const last = await startTestHub({ folder: hub.folder, accessTokens: [], private: ['me/vad'] })
      expect(await read(last, file, reader)).toBe(401)
    })

    test('for writing may be older than its repository', async () => {
      const hub = await startTestHub({ accessTokens })
      const writer = await casOf(hub, 'write', 'hf_tester')
      expect(await write(hub, writer)).toBe(400)
      await hub.call('POST', '/api/repos/create', { ...named, private: true }, 'hf_tester')
      expect(await write(hub, writer)).toBe(400)
    })

    test('by the rights of a front ends in the same way', async () => {
      let caller: HubCaller = { rights: { write: ['*'] } }
      const { hub, file } = await openTokens({
        front: (serve) => (request) => serve(request, caller),
      })
      const writer = await casOf(hub, 'write')
      caller = { rights: null }
      const anonymous = await casOf(hub, 'read')
      hub.hub.private.add('me/vad')
      expect(await read(hub, file, anonymous)).toBe(401)
      expect(await read(hub, file, writer)).toBe(200)
      caller = { rights: { write: ['*'] } }
      await remake(hub)
      caller = { rights: null }
      expect(await write(hub, writer)).toBe(401)
    })
  })

  test('an upload URL is not for a later repository of the same name', async () => {
    const { hub } = await openTokens()
    const bytes = 'plain'
    const oid = Buffer.from(
      await crypto.subtle.digest('SHA-256', new TextEncoder().encode(bytes)),
    ).toString('hex')
    const batch = { operation: 'upload', transfers: ['basic'], objects: [{ oid, size: 5 }] }
    const uploadUrl = async (): Promise<string> => {
      const path = '/me/vad.git/info/lfs/objects/batch'
      const { body } = await hub.call('POST', path, batch, 'hf_tester')
      const [object] = body['objects'] as { actions: { upload: { href: string } } }[]
      return object!.actions.upload.href
    }
    const put = async (url: string): Promise<number> =>
      (await fetch(url, { method: 'PUT', body: bytes })).status
    const early = await uploadUrl()
    await remake(hub)
    expect(await put(early)).toBe(403)
    expect(await put(await uploadUrl())).toBe(200)
  })
})
