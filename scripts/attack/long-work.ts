// Requests that make much work out of few bytes, or bring much at once: none may hold the event loop.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createHasher, fileHash, hashToHex, rangeHash, xorbHash } from '../../src/codec/index.ts'
import { writeShard } from '../../src/hub/testing/writeShard.ts'
import { tokens, type Target } from './target.ts'

const repo = 'attack/long-work'
const api = `/api/models/${repo}`
/** The longest time that one request may hold the loop. Two may follow each other within one turn of it. */
const mostMs = 50

/**
 * Plays the attacks one after another, and measures the event loop of the server during each.
 *
 * @param files how many files the large commit brings
 * @returns the longest pause of each attack
 */
export async function longWork(target: Target, files: number): Promise<string> {
  const pauses: [name: string, ms: number][] = []
  const play = async (name: string, expected: number, ask: () => Promise<Response>) => {
    await target.pause()
    const response = await ask()
    const body = Buffer.from(await response.arrayBuffer())
    pauses.push([name, await target.pause()])
    assert.equal(response.status, expected, `${name}: ${body.toString('utf8', 0, 200)}`)
  }
  const post = (
    path: string,
    body: Uint8Array | string,
    bearer: string = tokens.holder,
    type = 'json',
  ) =>
    fetch(target.url + path, {
      method: 'POST',
      body: body as BodyInit,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': `application/${type}` },
    })
  const get = (path: string, bearer?: string) =>
    fetch(target.url + path, {
      headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    })
  const casToken = async (kind: 'read' | 'write', bearer?: string): Promise<string> => {
    const response = await get(`${api}/xet-${kind}-token/main`, bearer)
    return ((await response.json()) as { accessToken: string }).accessToken
  }
  const commit = (lines: readonly object[]) => {
    const all = [{ key: 'header', value: { summary: 'x' } }, ...lines]
    const body = all.map((line) => `${JSON.stringify(line)}\n`).join('')
    return post(`${api}/commit/main`, body, tokens.holder, 'x-ndjson')
  }

  await play('a first commit', 200, () => commit([fileOf('a.txt', 'YQ==')]))
  const writing = await casToken('write', tokens.holder)
  const { xorbs, file, single } = await makeXorbs()
  for (const { hash, records } of xorbs) {
    await play('a xorb of 8192 chunks', 200, () =>
      post(`/v1/xorbs/default/${hash}`, records, writing),
    )
  }
  const wrong = 'a'.repeat(64)
  const shard = (hash: string, terms: readonly Term[], sha256?: string) => () =>
    post(
      '/v1/shards',
      writeShard({ files: [{ hash, terms, ...(sha256 && { sha256 }) }], xorbs: [] }),
      writing,
    )
  const whole = xorbs.map(({ term }) => term)
  await play('a shard of 6 kB', 413, shard(wrong, repeated(60, whole[0]!)))
  await play('a shard of 600,000 terms', 413, shard(wrong, repeated(600_000, single.terms[0]!)))
  await play('a shard of 70,000 wrong terms', 400, shard(wrong, repeated(70_000, single.terms[0]!)))
  await play('a shard of 32,768 chunks', 200, shard(file.hash, whole, file.sha256))
  await play('a shard of 60,000 terms', 200, shard(single.hash, single.terms, single.sha256))
  const large = [file, single].map(({ sha256, size }, at) => ({
    key: 'lfsFile',
    value: { path: `${at}.bin`, algo: 'sha256', oid: sha256, size },
  }))
  await play('a commit of large files', 200, () => commit(large))
  const reading = await casToken('read')
  await play('a chunk query', 200, () => get(`/v1/chunks/default/${xorbs[0]!.chunk}`, reading))
  for (const version of ['v1', 'v2']) {
    const path = `/${version}/reconstructions/${single.hash}`
    await play(`a reconstruction of 60,000 terms, ${version}`, 200, () => get(path, reading))
  }
  await play('its bytes', 200, () => get(`/${repo}/resolve/main/1.bin`))

  await play('a file of 3 MB', 200, () => commit([fileOf('big.txt', textOf(3e6))]))
  await play('its bytes from git', 200, () => get(`/${repo}/resolve/main/big.txt`))
  await play('a file of 20 MB', 413, () => commit([fileOf('big.txt', textOf(20e6))]))
  const paths = Array.from({ length: files }, (_, at) => `folder-${at % 300}/file-${at}.txt`)
  await play(`a commit of ${files} files`, 200, () =>
    commit(paths.map((path) => fileOf(path, 'YQ=='))),
  )
  await play('a small commit after it', 200, () => commit([fileOf('b.txt', 'Yg==')]))
  for (const path of [
    '/tree/main?recursive=true&expand=true',
    '/tree/main',
    '?blobs=true',
    '/commits/main',
    '/refs',
  ]) {
    await play(path, 200, () => get(api + path))
  }
  await play('models in full', 200, () => get('/api/models?full=true&limit=1000'))
  const some = paths.slice(0, 25_000)
  await play('paths-info', 200, () =>
    post(`${api}/paths-info/main`, JSON.stringify({ paths: some, expand: true })),
  )
  const form = new URLSearchParams(some.map((path): [string, string] => ['paths', path]))
  await play('paths-info as a form', 200, () =>
    post(`${api}/paths-info/main`, form.toString(), tokens.holder, 'x-www-form-urlencoded'),
  )
  const listed = paths.slice(0, 12_000).map((path) => ({ path, size: 1 }))
  await play('preupload of 12,000 paths', 200, () =>
    post(`${api}/preupload/main`, JSON.stringify({ files: listed })),
  )
  const objects = Array.from({ length: 9000 }, (_, at) => ({
    oid: at.toString(16).padStart(64, '0'),
    size: 1,
  }))
  for (const transfer of ['xet', 'basic']) {
    const batch = JSON.stringify({ operation: 'upload', transfers: [transfer], objects })
    await play(`a batch of 9,000 objects, ${transfer}`, 200, () =>
      post(`/${repo}.git/info/lfs/objects/batch`, batch),
    )
  }
  for (const path of ['/resolve/main/', '/resolve/main/folder-1/']) {
    await play(`a page of links, ${path}`, 200, () => get(`/${repo}${path}`))
  }
  const rule = `*${'a'.repeat(250)}b`
  const gitIgnore = Array.from({ length: 1000 }, () => rule).join('\n')
  const ignored = Array.from({ length: 100 }, (_, at) => ({
    path: `${at}${'a'.repeat(900)}`,
    size: 1,
  }))
  await play('preupload with 1,000 rules', 400, () =>
    post(`${api}/preupload/main`, JSON.stringify({ files: ignored, gitIgnore })),
  )
  await play('a commit of 8 MB of line ends', 413, () =>
    post(`${api}/commit/main`, Buffer.alloc(8e6, 10), tokens.holder, 'x-ndjson'),
  )
  const nested = Array.from(
    { length: 3000 },
    (_, at) => `${at}/${'a/'.repeat(60)}${'é'.repeat(400)}`,
  )
  await play('a commit of 3,000 nested paths', 200, () =>
    commit(nested.map((path) => fileOf(path, 'YQ=='))),
  )
  await play('their tree', 200, () => get(`${api}/tree/main?recursive=true`))
  await play('their page of links', 200, () => get(`/${repo}/resolve/main/`))
  const deep = `{"paths":${'['.repeat(500_000)}${']'.repeat(500_000)}}`
  await play('JSON of depth 500,000', 400, () => post(`${api}/paths-info/main`, deep))
  const folders = Array.from({ length: 300 }, (_, at) => ({
    key: 'deletedFolder',
    value: { path: `folder-${at}/` },
  }))
  await play('a commit that deletes 300 folders', 200, () => commit(folders))

  const held = pauses.filter(([, ms]) => ms > mostMs)
  const said = (list: typeof pauses): string =>
    list.map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(', ')
  assert.deepEqual(said(held), '', `the event loop was held: ${said(held)}`)
  return `longest pauses: ${said(pauses.toSorted(([, one], [, other]) => other - one).slice(0, 3))}`
}

/** A text of so many bytes, in base64. */
function textOf(length: number): string {
  return Buffer.alloc(length, 97).toString('base64')
}

function fileOf(path: string, content: string): object {
  return { key: 'file', value: { path, encoding: 'base64', content } }
}

function repeated(count: number, term: Term): Term[] {
  return Array.from({ length: count }, () => term)
}

type Term = Parameters<typeof writeShard>[0]['files'][number]['terms'][number]

interface MadeFile {
  readonly hash: string
  readonly terms: readonly Term[]
  readonly sha256: string
  readonly size: number
}

/** Four xorbs with as many chunks as a xorb may have; a file of all of them, and one that has a term for each chunk. */
async function makeXorbs(): Promise<{
  xorbs: readonly { hash: string; records: Uint8Array; term: Term; chunk: string }[]
  file: MadeFile
  single: MadeFile
}> {
  const hasher = await createHasher()
  const all = [0, 1, 2, 3].map((index) => {
    const chunks = Array.from({ length: 8192 }, (_, at) =>
      Uint8Array.of(at & 255, at >> 8, index, 7),
    )
    const rows = chunks.map((bytes) => ({ hash: hasher.chunk(bytes), length: 4 }))
    const hash = xorbHash(rows, hasher)
    const term = (start: number, end: number): Term => {
      const hashes = rows.slice(start, end).map((row) => row.hash)
      return {
        xorb: hash,
        length: 4 * hashes.length,
        start,
        end,
        rangeHash: rangeHash(hashes, hasher),
      }
    }
    const records = Buffer.concat(
      chunks.map((bytes) => Buffer.from([0, 4, 0, 0, 0, 4, 0, 0, ...bytes])),
    )
    return { hash, rows, chunks, records, term }
  })
  const made = (
    parts: readonly (readonly [xorb: (typeof all)[number], start: number, end: number])[],
  ): MadeFile => {
    const rows = parts.flatMap(([{ rows }, start, end]) => rows.slice(start, end))
    const bytes = Buffer.concat(
      parts.flatMap(([{ chunks }, start, end]) => chunks.slice(start, end)),
    )
    return {
      hash: fileHash(rows, hasher),
      terms: parts.map(([{ term }, start, end]) => term(start, end)),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
    }
  }
  return {
    xorbs: all.map(({ hash, records, rows, term }) => ({
      hash,
      records,
      term: term(0, 8192),
      chunk: hashToHex(rows[0]!.hash),
    })),
    file: made(all.map((xorb) => [xorb, 0, 8192] as const)),
    // Neighbours come from different xorbs, and every second chunk is left out, so that no two ranges touch.
    single: made(
      Array.from({ length: 60_000 }, (_, at) => {
        const place = ((at >> 2) * 2) % 8192
        return [all[at & 3]!, place, place + 1] as const
      }),
    ),
  }
}
