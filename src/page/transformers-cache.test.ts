import { expect, test, vi } from 'vitest'
import { transformersCache } from './transformers-cache.ts'

const url = 'https://hub.example/me/m/resolve/main/config.json'
const refused = async (): Promise<Response> => new Response(null, { status: 401 })
const ferry = {
  controlled: false,
  holds: async (asked: string) => asked === url,
  fetch: async () => new Response('{}'),
  remove: async (asked: string) => asked === url,
}

test('returns files on the device, and requests nothing else', async () => {
  const fetch = vi.fn(ferry.fetch)
  const cache = transformersCache({ ...ferry, fetch })
  expect(await (await cache.match(url))!.text()).toBe('{}')
  expect(await cache.match('/models/me/m/config.json')).toBeUndefined()
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('does not return a file that the user must not access', async () => {
  expect(await transformersCache({ ...ferry, fetch: refused }).match(url)).toBeUndefined()
})

test('stores nothing, and does not block the other half of a clone', async () => {
  const response = new Response('{}')
  await transformersCache(ferry).put(url, response.clone())
  expect(await response.text()).toBe('{}')
})

test('removes an entry on request of the library', async () => {
  expect(await transformersCache(ferry).delete(url)).toBe(true)
})
