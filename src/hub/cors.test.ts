import { expect, test } from 'vitest'
import { putModel } from './testing/putModel.ts'
import { reconstruct } from './testing/reconstruct.ts'
import { startTestHub } from './testing/startTestHub.ts'

const origin = 'https://page.example'
const file = '/me/vad/resolve/main/model.onnx'

function preflight(url: string, method: string, headers: string): Promise<Response> {
  return fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': headers,
    },
  })
}

test('the hub echoes the origin and exposes only the headers of the real one', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const { headers } = await hub.get(file, { headers: { origin } })
  expect(headers.get('access-control-allow-origin')).toBe(origin)
  expect(headers.get('vary')).toBe('Origin, Accept')
  const exposed = headers.get('access-control-expose-headers')!.toLowerCase().split(', ')
  expect(exposed).toContain('link')
  for (const name of ['x-xet-refresh-route', 'ratelimit', 'date', 'location', 'content-length']) {
    expect(exposed).not.toContain(name)
  }
  expect((await hub.get(file)).headers.has('access-control-allow-origin')).toBe(false)
})

test('errors carry CORS headers, unless they are configured to be opaque', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const { url } = await reconstruct(hub)
  const origins = async (): Promise<(string | null)[]> =>
    Promise.all(
      [`${hub.url}/me/vad/resolve/main/none`, `${hub.url}/%zz`, url].map(async (target) => {
        const response = await fetch(target, { headers: { origin } })
        expect(response.status).toBeGreaterThanOrEqual(400)
        return response.headers.get('access-control-allow-origin')
      }),
    )
  expect(await origins()).toEqual([origin, origin, '*'])
  hub.hub.configure({ corsOnErrors: false })
  expect(await origins()).toEqual([null, null, null])
  expect(
    (await hub.get(file, { headers: { origin } })).headers.has('access-control-allow-origin'),
  ).toBe(true)
})

test('storage allows all origins and exposes all headers, but accepts no token', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const { url, range } = await reconstruct(hub)
  const { headers } = await fetch(url, { headers: { range, origin } })
  expect(headers.get('access-control-allow-origin')).toBe('*')
  expect(headers.get('access-control-expose-headers')).toBe('*')
  expect((await preflight(url, 'GET', 'range')).status).toBe(204)
  const refused = await preflight(url, 'GET', 'authorization, range')
  expect(refused.status).toBe(403)
  expect(refused.headers.has('access-control-allow-origin')).toBe(false)
})

test('the hub allows the headers of its clients and no others', async () => {
  const hub = await startTestHub()
  const allowed = await preflight(hub.url + file, 'GET', 'authorization,range')
  expect(allowed.status).toBe(204)
  expect(allowed.headers.get('access-control-allow-origin')).toBe(origin)
  expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization')
  expect(allowed.headers.get('access-control-max-age')).toBe('86400')
  expect((await preflight(hub.url + file, 'GET', 'x-app-id')).status).toBe(403)
  expect((await preflight(hub.url + file, 'TRACE', '')).status).toBe(403)
})
