import { uploadFile } from '@huggingface/hub'
import { describe, expect, test } from 'vitest'
import { startTestHub } from './testing/startTestHub.ts'
import type { HubCaller } from './hub.ts'
import type { TestHub } from './testing/TestHub.ts'

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
  const made = await hub.call('POST', '/api/repos/create', { ...named, private: true }, 'hf_tester')
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
