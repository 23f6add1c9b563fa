import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { fileHash } from '../codec/xet-hash.ts'
import { hashToHex } from '../codec/xet-hash.ts'
import { rangeHash } from '../codec/xet-hash.ts'
import { xorbHash } from '../codec/xet-hash.ts'
import type { ShardFile } from './shard.ts'
import type { Shard } from './shard.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'
import { writeShard } from './testing/writeShard.ts'

const hasher = await createHasher()
const texts = ['one chunk', 'another chunk', 'the last one']
const chunks = texts.map((text) => new TextEncoder().encode(text))
const rows = chunks.map((bytes) => ({ hash: hasher.chunk(bytes), length: bytes.byteLength }))
const xorb = xorbHash(rows, hasher)
const records = Buffer.concat(
  chunks.flatMap((bytes) => [Buffer.from([0, bytes.length, 0, 0, 0, bytes.length, 0, 0]), bytes]),
)
const listed = {
  hash: xorb,
  chunks: rows.map(({ hash, length }) => ({ hash: hashToHex(hash), length })),
}
const length = records.byteLength - 8 * chunks.length
const sha256 = await crypto.subtle.digest('SHA-256', Buffer.from(texts.join('')))
const good: ShardFile = {
  hash: fileHash(rows, hasher),
  terms: [
    {
      xorb,
      length,
      start: 0,
      end: 3,
      rangeHash: rangeHash(
        rows.map(({ hash }) => hash),
        hasher,
      ),
    },
  ],
  sha256: Buffer.from(sha256).toString('hex'),
}

async function write(
  hub: TestHub,
  path: string,
  body: Uint8Array,
): Promise<{ status: number; error?: string; was_inserted?: boolean }> {
  const token = await hub.get('/api/models/me/vad/xet-write-token/main', {
    headers: { authorization: 'Bearer hf_tester' },
  })
  const { accessToken } = (await token.json()) as { accessToken: string }
  const response = await hub.get(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}` },
    body: new Uint8Array(body),
  })
  return { status: response.status, ...((await response.json()) as object) }
}

async function stored(hub: TestHub): Promise<string[]> {
  const names = await readdir(hub.folder, { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => entry.isFile() && !['secrets.json', 'lock'].includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('a xorb', () => {
  test('is stored once', async () => {
    const hub = await startTestHub()
    const path = `/v1/xorbs/default/${xorb}`
    const both = await Promise.all([write(hub, path, records), write(hub, path, records)])
    expect(both.filter((answer) => answer.was_inserted === true)).toHaveLength(1)
    const { accessToken } = (await (
      await hub.get('/api/models/me/vad/xet-write-token/main', {
        headers: { authorization: 'Bearer hf_tester' },
      })
    ).json()) as { accessToken: string }
    const headers = { authorization: `Bearer ${accessToken}` }
    const head = await hub.get(path, { method: 'HEAD', headers })
    expect(head.headers.get('content-length')).toBe(String(records.byteLength))
  })

  test('may have a footer, which is not served', async () => {
    const hub = await startTestHub()
    const footed = Buffer.concat([records, Buffer.from('XETBLOB\u0001and so on')])
    expect((await write(hub, `/v1/xorbs/default/${xorb}`, footed)).status).toBe(200)
  })

  const flipped = Uint8Array.from(records)
  flipped[10]! ^= 1
  test.each([
    ['nothing', new Uint8Array(0), 'holds no chunk'],
    ['noise', Uint8Array.from({ length: 999 }, (_, index) => (index * 7) % 251), 'Record 0'],
    ['a truncated record', records.subarray(0, -1), 'only'],
    ['other bytes than announced', flipped, 'hash to'],
    ['fewer chunks than announced', records.subarray(0, 17), 'hash to'],
    ['an empty chunk', new Uint8Array(8), 'uncompressed length is 0'],
  ])('of %s is refused, and leaves no file', async (_, body, why) => {
    const hub = await startTestHub()
    const answer = await write(hub, `/v1/xorbs/default/${xorb}`, body)
    expect([answer.status, answer.error]).toEqual([400, expect.stringContaining(why)])
    expect(await stored(hub)).toEqual([])
  })

  test('above 64 MiB is refused', async () => {
    const hub = await startTestHub()
    const answer = await write(hub, `/v1/xorbs/default/${xorb}`, new Uint8Array(65 * 1024 * 1024))
    expect(answer.status).toBe(413)
    expect(await stored(hub)).toEqual([])
  })
})

describe('a commit that is refused', () => {
  const file = JSON.stringify({ key: 'file', value: { path: 'a.txt', content: 'hello' } })
  test.each([
    ['for a path', JSON.stringify({ key: 'file', value: { path: '../b' } })],
    [
      'for an absent large file',
      JSON.stringify({ key: 'lfsFile', value: { path: 'b', oid: 'x' } }),
    ],
    ['for its parent', JSON.stringify({ key: 'header', value: { parentCommit: 'f'.repeat(40) } })],
    ['for a line that is not JSON', '{'],
  ])('%s leaves nothing', async (_, line) => {
    const hub = await startTestHub()
    const headers = { authorization: 'Bearer hf_tester' }
    const body = `${file}\n${line}`
    const answer = await hub.get('/api/models/me/x/commit/main', { method: 'POST', headers, body })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await stored(hub)).toEqual([])
  })
})

describe('a shard', () => {
  test('creates a file from uploaded xorbs', async () => {
    const hub = await startTestHub()
    await write(hub, `/v1/xorbs/default/${xorb}`, records)
    const shard = writeShard({ files: [good], xorbs: [listed] })
    expect(await write(hub, '/v1/shards', shard)).toEqual({ status: 200, result: 1 })
    expect((await write(hub, '/v2/shards', shard)).status).toBe(404)
  })

  const other = 'ab'.repeat(32)
  const [term] = good.terms
  const wrong: [string, Shard, string][] = [
    ['an absent xorb', { files: [], xorbs: [{ ...listed, hash: other }] }, 'not uploaded'],
    ['other chunks', { files: [], xorbs: [{ ...listed, chunks: [] }] }, 'other chunks'],
    ['a term of an absent xorb', file({ terms: [{ ...term!, xorb: other }] }), 'not uploaded'],
    ['a term past the xorb', file({ terms: [{ ...term!, end: 4 }] }), 'ends at chunk 4'],
    ['an empty term', file({ terms: [{ ...term!, end: 0 }] }), 'chunk range'],
    ['a wrong length', file({ terms: [{ ...term!, length: length + 1 }] }), 'claims'],
    ['a wrong range hash', file({ terms: [{ ...term!, rangeHash: other }] }), 'range hash'],
    ['a wrong file hash', file({ hash: other }), 'does not hash'],
    ['a wrong SHA-256', file({ sha256: other }), 'SHA-256'],
    [
      'terms without end',
      file({ terms: Array.from({ length: 200 }, () => ({ ...term!, end: 8192 })) }),
      'may have 8216 chunks',
    ],
  ]
  test.each(wrong)('with %s is refused, and leaves no file', async (_, shard, why) => {
    const hub = await startTestHub()
    await write(hub, `/v1/xorbs/default/${xorb}`, records)
    const before = await stored(hub)
    const answer = await write(hub, '/v1/shards', writeShard(shard))
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.error).toContain(why)
    expect(await stored(hub)).toEqual(before)
  })
})

function file(change: Partial<ShardFile>): Shard {
  return { files: [{ ...good, ...change }], xorbs: [] }
}
