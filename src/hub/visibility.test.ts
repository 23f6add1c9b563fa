import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { manualClock } from './testing/manualClock.ts'
import { createHasher } from '../codec/hasher.ts'
import { fileHash, hashToHex, rangeHash, xorbHash } from '../codec/xet-hash.ts'
import type { Shard } from './shard.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'
import { writeShard } from './testing/writeShard.ts'

const hasher = await createHasher()
const texts = ['a secret chunk', 'another secret', 'the last one']
const chunks = texts.map((text) => new TextEncoder().encode(text))
const rows = chunks.map((bytes) => ({ hash: hasher.chunk(bytes), length: bytes.byteLength }))
const xorb = xorbHash(rows, hasher)
const file = fileHash(rows, hasher)
const sha256 = createHash('sha256').update(texts.join('')).digest('hex')
const size = rows.reduce((sum, { length }) => sum + length, 0)
const records = Buffer.concat(
  chunks.flatMap((bytes) => [Buffer.from([0, bytes.length, 0, 0, 0, bytes.length, 0, 0]), bytes]),
)
const range = rangeHash(
  rows.map(({ hash }) => hash),
  hasher,
)
const term = { xorb, length: size, start: 0, end: 3, rangeHash: range }
const good: Shard = { files: [{ hash: file, terms: [term], sha256 }], xorbs: [] }

const accessTokens = [
  { token: 'hf_owner', write: ['me/secret'] },
  { token: 'hf_other', write: ['me/other'] },
  { token: 'hf_late', write: ['me/late', 'me/next'] },
  { token: 'hf_both', write: ['me/other'], read: ['me/secret'] },
]

/** A private repository with one file, and calls with a CAS token of any repository. */
async function openSecret(options: Partial<Parameters<typeof startTestHub>[0]> = {}) {
  const hub = await startTestHub({ accessTokens, private: ['me/secret'], ...options })
  const cas = async (
    path: string,
    {
      repo = 'me/other',
      token = 'hf_other',
      ...init
    }: RequestInit & { repo?: string; token?: string } = {},
  ): Promise<Response> => {
    const response = await hub.get(`/api/models/${repo}/xet-write-token/main`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const { accessToken } = (await response.json()) as { accessToken: string }
    return hub.get(path, { headers: { authorization: `Bearer ${accessToken}` }, ...init })
  }
  const upload = async (owner: { repo?: string; token?: string }): Promise<void> => {
    const put = { method: 'POST', body: records, ...owner }
    expect((await cas(`/v1/xorbs/default/${xorb}`, put)).status).toBe(200)
    const shard = { method: 'POST', body: writeShard(good), ...owner }
    expect((await cas('/v1/shards', shard)).status).toBe(200)
  }
  await upload({ repo: 'me/secret', token: 'hf_owner' })
  expect((await attach(hub, 'me/secret', 'hf_owner')).status).toBe(200)
  return { hub, cas, upload }
}

function attach(hub: TestHub, repo: string, token: string): Promise<Response> {
  const line = { key: 'lfsFile', value: { path: 'model.bin', algo: 'sha256', oid: sha256, size } }
  return hub.get(`/api/models/${repo}/commit/main`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(line),
  })
}

describe('a write token of another repository', () => {
  test('gets the same answer for private content as for missing content', async () => {
    const { cas } = await openSecret()
    const absent = 'ab'.repeat(32)
    const outcome = async (path: string, method = 'GET'): Promise<unknown> => {
      const response = await cas(path, { method })
      return [response.status, (await response.text()).replaceAll(/[0-9a-f]{64}/g, '#')]
    }
    for (const [hash, path, method] of [
      [hashToHex(rows[0]!.hash), '/v1/chunks/default/', 'GET'],
      [xorb, '/v1/xorbs/default/', 'HEAD'],
      [file, '/v1/files/', 'HEAD'],
      [file, '/v1/reconstructions/', 'GET'],
      [file, '/v2/reconstructions/', 'GET'],
    ] as const) {
      const answered = await outcome(path + hash, method)
      expect([path, answered]).toEqual([path, await outcome(path + absent, method)])
      expect((answered as [number])[0]).toBe(404)
    }
  })

  test('cannot create a file from private chunks, even when it knows their hashes', async () => {
    const { cas, hub } = await openSecret()
    const answer = await cas('/v1/shards', { method: 'POST', body: writeShard(good) })
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('was not uploaded'),
    ])
    expect((await attach(hub, 'me/other', 'hf_other')).status).toBe(400)
  })

  test('can use them after uploading the same bytes', async () => {
    const { hub, upload, cas } = await openSecret()
    await upload({})
    expect((await cas(`/v2/reconstructions/${file}`)).status).toBe(200)
    expect((await attach(hub, 'me/other', 'hf_other')).status).toBe(200)
  })
})

describe('a xorb that a token uploaded before', () => {
  const late = { repo: 'me/late', token: 'hf_late' }
  const shard = { method: 'POST', body: writeShard(good) }

  /** As clients do that remember their uploads: they send the shard alone. */
  const shardOf = async (
    cas: Awaited<ReturnType<typeof openSecret>>['cas'],
    owner: { repo: string; token: string },
  ): Promise<number> => (await cas('/v1/shards', { ...shard, ...owner })).status

  test('needs no second upload, for another repository and after its repository was deleted', async () => {
    const { hub, upload, cas } = await openSecret()
    await upload(late)
    expect((await attach(hub, 'me/late', 'hf_late')).status).toBe(200)
    expect(await shardOf(cas, { ...late, repo: 'me/next' })).toBe(200)
    const removal = await hub.get('/api/repos/delete', {
      method: 'DELETE',
      headers: { authorization: 'Bearer hf_late' },
      body: JSON.stringify({ name: 'me/late' }),
    })
    expect(removal.status).toBe(200)
    expect(await shardOf(cas, late)).toBe(200)
    expect((await attach(hub, 'me/late', 'hf_late')).status).toBe(200)
  })

  test('is still absent for other tokens, and after a month', async () => {
    const clock = manualClock()
    const { hub, upload, cas } = await openSecret({ clock })
    hub.hub.private.add('me/late')
    await upload(late)
    expect(await shardOf(cas, { repo: 'me/other', token: 'hf_other' })).toBe(400)
    clock.pass(31 * 24 * 3600 * 1000)
    expect(await shardOf(cas, { ...late, repo: 'me/next' })).toBe(400)
  })
})

test('a read token of a public repository gets no answer about private xorbs', async () => {
  const { hub } = await openSecret()
  const line = { key: 'file', value: { path: 'a.txt', content: 'hi' } }
  await hub.get('/api/models/me/other/commit/main', {
    method: 'POST',
    headers: { authorization: 'Bearer hf_other' },
    body: JSON.stringify(line),
  })
  const given = await hub.get('/api/models/me/other/xet-read-token/main')
  const { accessToken } = (await given.json()) as { accessToken: string }
  const headers = { authorization: `Bearer ${accessToken}` }
  const chunk = `/v1/chunks/default/${hashToHex(rows[0]!.hash)}`
  expect((await hub.get(chunk, { headers })).status).toBe(404)
})

describe('a large file that is given only by its SHA-256', () => {
  const batch = async (hub: TestHub, token: string): Promise<boolean> => {
    const response = await hub.get('/me/other.git/info/lfs/objects/batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ operation: 'upload', objects: [{ oid: sha256, size }] }),
    })
    const { objects } = (await response.json()) as { objects: { actions?: object }[] }
    return objects[0]!.actions === undefined
  }

  test('is neither attached nor reported as stored for a caller that may not read it', async () => {
    const { hub } = await openSecret()
    expect(await batch(hub, 'hf_other')).toBe(false)
    const refused = await attach(hub, 'me/other', 'hf_other')
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining('was not uploaded'),
    ])
  })

  test('is attached for a caller that may read a repository with it', async () => {
    const { hub } = await openSecret()
    expect(await batch(hub, 'hf_both')).toBe(true)
    expect((await attach(hub, 'me/other', 'hf_both')).status).toBe(200)
  })

  test('is attached for all when a public repository has it', async () => {
    const { hub } = await openSecret()
    hub.hub.private.delete('me/secret')
    expect(await batch(hub, 'hf_other')).toBe(true)
    expect((await attach(hub, 'me/other', 'hf_other')).status).toBe(200)
  })
})

describe('a shard', () => {
  const owner = { repo: 'me/secret', token: 'hf_owner', method: 'POST' }

  test('with an invented file hash is refused without revealing the true one', async () => {
    const { cas } = await openSecret()
    const shard = { files: [{ ...good.files[0]!, hash: 'ab'.repeat(32) }], xorbs: [] }
    const answer = await cas('/v1/shards', { ...owner, body: writeShard(shard) })
    expect(answer.status).toBe(400)
    expect(await answer.text()).not.toContain(file)
  })

  test('without range hashes is refused', async () => {
    const { cas } = await openSecret()
    const { rangeHash: _, ...bare } = term
    const shard = { files: [{ ...good.files[0]!, terms: [bare] }], xorbs: [] }
    const answer = await cas('/v1/shards', { ...owner, body: writeShard(shard) })
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('no range hash'),
    ])
  })

  test('that repeats a few chunks many times is refused before any of them is hashed', async () => {
    const { cas } = await openSecret()
    const terms = Array.from({ length: 20_000 }, () => term)
    const body = writeShard({ files: [{ hash: file, terms }], xorbs: [] })
    const answer = await cas('/v1/shards', { ...owner, body })
    expect(answer.status).toBe(413)
  })
})

test('uploads are remembered across a restart', async () => {
  const first = await openSecret()
  await first.upload({})
  await first.hub.close()
  const hub = await startTestHub({ accessTokens, private: ['me/secret'], folder: first.hub.folder })
  expect((await attach(hub, 'me/other', 'hf_other')).status).toBe(200)
})

test('an upload is remembered until a revision contains it, and at most for a week', async () => {
  const clock = manualClock()
  const { hub, upload } = await openSecret({ clock })
  const marks = async (repo: string): Promise<string[]> =>
    readdir(join(hub.folder, 'uploads/models/me.', `${repo}.`)).catch(() => [])
  await expect.poll(() => marks('secret')).toEqual([])
  await upload({})
  expect(await marks('other')).toHaveLength(3)
  clock.pass(6 * 24 * 3600 * 1000)
  await upload({})
  clock.pass(2 * 24 * 3600 * 1000)
  expect((await attach(hub, 'me/other', 'hf_other')).status).toBe(200)
  await expect.poll(() => marks('other')).toEqual([])

  await upload({ repo: 'me/late', token: 'hf_late' })
  clock.pass(8 * 24 * 3600 * 1000)
  await upload({ repo: 'me/next', token: 'hf_late' })
  await expect.poll(() => marks('late')).toEqual([])
  expect(await marks('next')).toHaveLength(3)
})
