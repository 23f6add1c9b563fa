import { expect, test } from 'vitest'
import type { HeldFile } from '../../protocol/files.ts'
import { removeCopies } from '../library-copies.ts'
import { FakeCaches } from './testing/FakeCaches.ts'

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

/** Two files that are here, of which a library keeps what it is given. */
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

test('removes what has been there for two seconds', async () => {
  const stage = new Stage()
  for (const url of shards) stage.keep(url)
  expect(await stage.remove()).toEqual(shards)
  expect(stage.kept).toEqual([])
  expect(stage.waits).toBe(2000)
})

test('leaves what came meanwhile: its library has not asked for it yet', async () => {
  const stage = new Stage()
  stage.keep(first)
  stage.meanwhile = () => stage.keep(second)
  expect(await stage.remove()).toEqual([first])
  expect(stage.kept).toEqual([second])
})

test('leaves a copy whose file is not at hand', async () => {
  const stage = new Stage()
  stage.keep(first)
  stage.held = false
  expect(await stage.remove()).toEqual([])
  expect(stage.kept).toEqual([first])
})

test('waits for nothing when there is nothing', async () => {
  const stage = new Stage()
  expect(await stage.remove()).toEqual([])
  expect(stage.waits).toBe(0)
})

test('a caller who gave up meanwhile keeps the rest', async () => {
  const stage = new Stage()
  stage.keep(first)
  const abort = new AbortController()
  stage.meanwhile = () => abort.abort(new Error('enough'))
  await expect(stage.remove(abort.signal)).rejects.toThrow('enough')
  expect(stage.kept).toEqual([first])
})
