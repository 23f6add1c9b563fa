import { expect, test, describe, vi } from 'vitest'
import { netOf } from '../net/testing/netOf.ts'
import { createHasher } from '../codec/hasher.ts'
import type { FileInfo } from '../data/index.ts'
import { memoryRecordStore } from '../reconstruction/record-store.ts'
import { Reconstructions } from '../reconstruction/reconstructions.ts'
import { MemoryStore } from './testing/MemoryStore.ts'
import { changedSince, CallsAhead, plainBlocks } from './blocks.ts'
import { fetchPiece } from './fetch-piece.ts'

const hasher = await createHasher()
const file = { size: 2000, etag: '"v1"' }

test.each([
  ['the same', 206, { etag: '"v1"', 'content-range': 'bytes 0-9/2000' }, false],
  ['nothing stated', 206, {}, false],
  ['an unknown length', 206, { 'content-range': 'bytes 0-9/*' }, false],
  ['another length', 206, { 'content-range': 'bytes 0-9/2001' }, true],
  ['another tag', 206, { etag: '"v2"', 'content-range': 'bytes 0-9/2000' }, true],
  ['marked as weak', 206, { etag: 'W/"v1"' }, false],
  ['marked as compressed', 206, { etag: '"v1-gzip"' }, false],
  ["the hub's own tag first", 206, { etag: '"storage"', 'x-linked-etag': '"v1"' }, false],
  ['the whole file, and longer', 200, { 'content-length': '2001' }, true],
  [
    'the whole file, compressed',
    200,
    { 'content-length': '900', 'content-encoding': 'gzip' },
    false,
  ],
  ['the whole file, unchanged', 200, { 'content-length': '2000', etag: '"v1"' }, false],
] as const)('%s', (_, status, headers, changed) => {
  const response = new Response(null, { status, headers })
  expect(changedSince(file, response) !== undefined).toBe(changed)
})

test('a range of another version is detected', async () => {
  const info: FileInfo = {
    ...file,
    url: 'https://files.example/x.bin',
    content: 'etag:1',
    ranges: true,
    fetchedAt: 0,
  }
  const answer = (etag: string): Promise<number | undefined> => {
    const blocks = plainBlocks(info, undefined)
    const headers = { etag, 'content-range': 'bytes 0-9/2000' }
    const net = netOf({
      fetch: async () => new Response(new Uint8Array(10), { status: 206, headers }),
    })
    return fetchPiece(net, {
      url: info.url,
      bytes: { start: 0, end: 10 },
      headers: {},
      decoder: blocks.decoder(hasher),
      check: (response) => blocks.check(response),
      signal: new AbortController().signal,
      take: async () => undefined,
      arrived: () => undefined,
    })
  }
  expect(await answer('"v1"')).toBe(2000)
  await expect(answer('"v2"')).rejects.toMatchObject({ code: 'integrity', retryable: true })
})

describe('plainBlocks', () => {
  const url = 'https://hub.example/me/m/resolve/main/model.onnx'
  const info: FileInfo = { url, size: 20_000_000, content: 'etag:x', fetchedAt: 0, ranges: true }

  const mebi = 2 ** 20

  test('are split into pieces when the server supports ranges', async () => {
    const blocks = plainBlocks(info, 'Bearer hf_x')
    const block = await blocks.open({ start: mebi, end: info.size }, {})
    expect(block.descriptors.map(({ bytes }) => [bytes.start / mebi, bytes.end])).toEqual([
      [1, 9 * mebi],
      [9, 17 * mebi],
      [17, info.size],
    ])
    expect(block.runs.map(({ offset, chunks }) => [offset / mebi, chunks])).toEqual([
      [1, { start: 1, end: 9 }],
      [9, { start: 9, end: 17 }],
      [17, { start: 17, end: 20 }],
    ])
    expect(blocks.headers({ start: 5, end: 9 })).toEqual({
      authorization: 'Bearer hf_x',
      range: 'bytes=5-8',
    })
    expect(blocks.usable(block, Date.now())).toBe(true)
  })

  test('request the whole file at once when it does not', async () => {
    const blocks = plainBlocks({ ...info, ranges: false }, undefined)
    const block = await blocks.open({ start: 5, end: 9 }, {})
    expect(block.range).toEqual({ start: 0, end: info.size })
    expect(block.descriptors).toHaveLength(1)
    expect(blocks.headers({ start: 0, end: info.size })).toEqual({})
    expect(blocks.splits).toBe(false)
  })
})

describe('the first block of a file, asked before its load', () => {
  const url = 'https://hub.example/me/m/resolve/main/model.onnx'
  const xetHash = 'f'.repeat(64)
  const tokenUrl = 'https://hub.example/token'
  const size = 64 * 2 ** 20
  const info: FileInfo = { url, size, content: `xet:${xetHash}`, xetHash, tokenUrl, fetchedAt: 0 }

  /** Credentials of the requests for read tokens; the hub never answers. */
  function place(): {
    asked: (string | null)[]
    tools: ConstructorParameters<typeof CallsAhead>[0]
  } {
    const asked: (string | null)[] = []
    const net = netOf({
      fetch: (_, init) => {
        asked.push(new Headers(init?.headers).get('authorization'))
        return new Promise(() => undefined)
      },
    })
    const reconstructions = new Reconstructions({ net, store: memoryRecordStore() })
    return { asked, tools: { reconstructions, store: new MemoryStore(hasher).asStore } }
  }

  test('is taken over only by a load with the same credential', async () => {
    const { asked, tools } = place()
    const blocks = new CallsAhead(tools)
    blocks.ask(info, 'Bearer one')
    await vi.waitFor(() => expect(asked).toEqual(['Bearer one']))
    blocks.take(info, { authorization: 'Bearer two' })
    await vi.waitFor(() => expect(asked).toEqual(['Bearer one', 'Bearer two']))
    blocks.take(info, { authorization: 'Bearer one' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toHaveLength(2)
  })

  test('is not asked of a CAS that this realm does not use for the file any more', async () => {
    const { asked, tools } = place()
    tools.reconstructions.distrusted.add(info.content)
    const blocks = new CallsAhead(tools)
    blocks.ask(info, 'Bearer one')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toEqual([])
  })
})
