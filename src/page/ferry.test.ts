import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Channel } from '../protocol/index.ts'
import { Ferry } from './ferry.ts'
import type { LoaderClient } from './loader-client.ts'

beforeEach(() => void vi.stubGlobal('location', { href: 'https://app.example/demo/' }))
afterEach(() => void vi.unstubAllGlobals())

/** A connection whose loader has every file immediately. */
function start(): { readonly ferry: Ferry; readonly loaded: string[] } {
  const loaded: string[] = []
  const remote = { load: async (_id: string, url: string) => loaded.push(url) }
  const loader: Pick<LoaderClient, 'cancellable'> = {
    cancellable: async (_signal, work) => await work(remote as never, 'id'),
  }
  const channel = new Channel(`ferry-${Math.random()}`)
  onTestFinished(() => channel.close())
  return { ferry: new Ferry(loader as LoaderClient, channel, () => true), loaded }
}

test.each<[what: string, urls: string | string[]]>([
  ['one address', 'model.onnx'],
  ['a list', ['model.onnx']],
  ['an absolute URL', 'https://app.example/demo/model.onnx'],
])('prefetch() takes %s', async (_, urls) => {
  const { ferry, loaded } = start()
  await ferry.prefetch(urls)
  expect(loaded).toEqual(['https://app.example/demo/model.onnx'])
})

test.each<[what: string, urls: unknown]>([
  ['nothing', undefined],
  ['a number', 7],
  ['a list of other things', [{ url: 'model.onnx' }]],
  ['an invalid URL', 'https://['],
])('prefetch() refuses %s and names the accepted types', (_, urls) => {
  const { ferry, loaded } = start()
  expect(() => ferry.prefetch(urls as string)).toThrow(
    expect.objectContaining({
      code: 'configuration',
      message: expect.stringContaining('an address or a list of addresses'),
    }),
  )
  expect(loaded).toEqual([])
})
