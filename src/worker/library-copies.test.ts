import { expect, test, describe } from 'vitest'
import type { HeldFile } from '../data/index.ts'
import { isOurCopy, findCopies, removeCopies } from './library-copies.ts'
import { heldModel } from './testing/heldModel.ts'
import { FakeCaches } from './testing/FakeCaches.ts'

const folder = (): Promise<never> => Promise.reject(new Error('No private files here.'))

describe('copies of responses from modelferry', () => {
  const { etag: _, ...untagged } = heldModel
  const { verified: __, ...unproven } = heldModel
  const answer = { 'x-modelferry': 'hit', etag: '"a"', 'content-length': '9' }

  test.each<[string, boolean, Record<string, string>, HeldFile]>([
    ['a response from the device', true, answer, heldModel],
    ['a response during a transfer', true, { ...answer, 'x-modelferry': 'stream' }, heldModel],
    ['of a file proven by SHA-256', true, answer, { ...heldModel, verified: 'sha256' }],
    ['of a file with only a known length', false, answer, { ...heldModel, verified: 'no' }],
    ['of an unverified file', false, answer, unproven],
    ['of a partial file', false, answer, { ...heldModel, complete: false }],
    ['of another revision', false, { ...answer, etag: '"b"' }, heldModel],
    ['of another length', false, { ...answer, 'content-length': '8' }, heldModel],
    ['of unknown length', false, { 'x-modelferry': 'hit', etag: '"a"' }, heldModel],
    ['without a tag on either side', false, { ...answer, etag: '' }, untagged],
    ['not from modelferry', false, { etag: '"a"', 'content-length': '9' }, heldModel],
    ['of a passed-through response', false, { ...answer, 'x-modelferry': 'unkept' }, heldModel],
    ['of a probe', false, { ...answer, 'x-modelferry': 'unproven' }, heldModel],
  ])('a kept answer %s: %s', (_name, ours, headers, held) => {
    expect(isOurCopy(new Headers(headers), held)).toBe(ours)
  })
})

describe('finding copies', () => {
  const url = 'https://hub.example/me/m/resolve/main/model.onnx'
  const file: HeldFile = {
    ...heldModel,
    urls: ['https://hub.example/me/m/resolve/v1/model.onnx', url],
  }
  const ours = { 'x-modelferry': 'hit', etag: '"a"', 'content-length': '9' }

  test('lists copies of stored files in known caches, and whether they are removable', async () => {
    const caches = new FakeCaches()
    caches.keep('transformers-cache', url, new Response('123456789', { headers: ours }))
    caches.keep('transformers-cache', 'https://hub.example/other', new Response('other'))
    caches.keep('webllm/model', url, new Response('12345'))
    caches.keep('an-app', url, new Response('123456789', { headers: ours }))
    expect(await findCopies([file], { caches, folder })).toEqual([
      { url, place: 'transformers-cache', size: 9, removable: true },
      { url, place: 'webllm/model', size: 5, removable: false },
    ])
  })

  test('creates no cache by searching', async () => {
    const caches = new FakeCaches()
    expect(await findCopies([file], { caches, folder })).toEqual([])
    expect(caches.entries.size).toBe(0)
  })

  test('returns the accessible copies when the browser blocks caches', async () => {
    const caches = new FakeCaches()
    caches.has = () => Promise.reject(new DOMException('Not in this frame.', 'SecurityError'))
    expect(await findCopies([file], { caches, folder })).toEqual([])
  })
})

describe('removing copies', () => {
  const place = 'webllm/model'
  const shards = [1, 2].map((at) => `https://hub.example/me/m/resolve/main/shard_${at}.bin`)
  const [first, second] = shards as [string, string]
  const file: HeldFile = {
    urls: shards,
    content: 'xet:1',
    size: 3,
    held: 3,
    complete: true,
    etag: '"a"',
    lastUsed: 0,
    verified: 'xet',
    pinned: false,
  }

  /** Two stored files, and a library that stores copies of them. */
  class Stage {
    readonly caches = new FakeCaches()
    held = true
    waits = 0
    meanwhile = (): void => {}

    keep(url: string): void {
      const headers = { 'x-modelferry': 'stream', etag: '"a"', 'content-length': '3' }
      this.caches.keep(place, url, new Response('123', { headers }))
    }

    get kept(): string[] {
      return [...(this.caches.entries.get(place)?.keys() ?? [])]
    }

    async remove(signal?: AbortSignal): Promise<string[]> {
      const removed = await removeCopies(
        { files: async () => [file], holds: async () => this.held },
        signal,
        { caches: this.caches, folder: () => Promise.reject(new Error('none')) },
        {
          sleep: async (ms) => {
            this.waits += ms
            this.meanwhile()
          },
        },
      )
      return removed.map(({ url }) => url)
    }
  }

  test('removes copies that are two seconds old', async () => {
    const stage = new Stage()
    for (const url of shards) stage.keep(url)
    expect(await stage.remove()).toEqual(shards)
    expect(stage.kept).toEqual([])
    expect(stage.waits).toBe(2000)
  })

  test('keeps newer copies: their library has not read them yet', async () => {
    const stage = new Stage()
    stage.keep(first)
    stage.meanwhile = () => stage.keep(second)
    expect(await stage.remove()).toEqual([first])
    expect(stage.kept).toEqual([second])
  })

  test('keeps a copy whose file is not available', async () => {
    const stage = new Stage()
    stage.keep(first)
    stage.held = false
    expect(await stage.remove()).toEqual([])
    expect(stage.kept).toEqual([first])
  })

  test('does not wait when there are no copies', async () => {
    const stage = new Stage()
    expect(await stage.remove()).toEqual([])
    expect(stage.waits).toBe(0)
  })

  test('removal stops when the caller aborts', async () => {
    const stage = new Stage()
    stage.keep(first)
    const abort = new AbortController()
    stage.meanwhile = () => abort.abort(new Error('enough'))
    await expect(stage.remove(abort.signal)).rejects.toThrow('enough')
    expect(stage.kept).toEqual([first])
  })
})
