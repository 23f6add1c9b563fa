import { expect, test } from 'vitest'
import type { HeldFile } from '../../protocol/files.ts'
import { findCopies } from '../library-copies.ts'
import { FakeCaches } from './testing/FakeCaches.ts'
import { heldModel } from './testing/heldModel.ts'

const url = 'https://hub.example/me/m/resolve/main/model.onnx'
const file: HeldFile = {
  ...heldModel,
  urls: ['https://hub.example/me/m/resolve/v1/model.onnx', url],
}
const ours = { 'x-modelferry': 'hit', etag: '"a"', 'content-length': '9' }
const folder = (): Promise<never> => Promise.reject(new Error('No private files here.'))

test('tells what known caches keep of files that are here, and whether it may go', async () => {
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

test('makes no cache by looking for it', async () => {
  const caches = new FakeCaches()
  expect(await findCopies([file], { caches, folder })).toEqual([])
  expect(caches.entries.size).toBe(0)
})

test('finds what it may see where the browser keeps caches shut', async () => {
  const caches = new FakeCaches()
  caches.has = () => Promise.reject(new DOMException('Not in this frame.', 'SecurityError'))
  expect(await findCopies([file], { caches, folder })).toEqual([])
})
