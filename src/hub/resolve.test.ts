import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isWithoutXet } from './resolve.ts'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

const file = '/me/vad/resolve/main/model.onnx'
const text = '{"hidden_size":128}'

async function putText(hub: TestHub, path: string): Promise<void> {
  const value = { path, encoding: 'base64', content: Buffer.from(text).toString('base64') }
  const response = await hub.get('/api/models/me/vad/commit/main', {
    method: 'POST',
    headers: { authorization: 'Bearer hf_tester' },
    body: `${JSON.stringify({ key: 'header', value: { summary: 'x' } })}\n${JSON.stringify({ key: 'file', value })}`,
  })
  expect(response.status).toBe(200)
}

test('file info is sent in headers and as JSON', async () => {
  const hub = await startTestHub()
  const bytes = await putModel(hub)
  const headers = { accept: 'application/vnd.xet-fileinfo+json, */*', range: 'bytes=0-0' }
  const response = await hub.get(file, { headers })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/vnd.xet-fileinfo+json')
  expect(response.headers.get('x-linked-size')).toBe(String(bytes.byteLength))
  expect(response.headers.get('x-linked-etag')).toBe(`"${sha256}"`)
  expect(response.headers.get('x-repo-commit')).toMatch(/^[0-9a-f]{40}$/)
  const body = (await response.json()) as Record<string, unknown>
  expect(body).toMatchObject({
    hash: response.headers.get('x-xet-hash'),
    size: bytes.byteLength,
    refreshUrl: `${hub.url}/api/models/me/vad/xet-read-token/${response.headers.get('x-repo-commit')}`,
    reconstructionUrl: `${hub.url}/v1/reconstructions/${String(body['hash'])}`,
  })
  const head = await hub.get(file, { method: 'HEAD', headers })
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect(head.headers.get('x-xet-hash')).toBe(body['hash'])
})

test('a plain download is redirected to storage and honours ranges there', async () => {
  const hub = await startTestHub()
  const bytes = await putModel(hub)
  const redirect = await hub.get(file)
  expect(redirect.status).toBe(302)
  expect(redirect.headers.get('x-xet-hash')).toMatch(/^[0-9a-f]{64}$/)
  const location = redirect.headers.get('location')!
  expect(new URL(location).origin).toBe(hub.storageUrl)
  const whole = await fetch(location)
  expect(whole.status).toBe(200)
  expect(Buffer.compare(new Uint8Array(await whole.arrayBuffer()), bytes)).toBe(0)
  const part = await fetch(location, { headers: { range: 'bytes=99999-300000' } })
  expect(part.headers.get('content-range')).toBe(`bytes 99999-300000/${bytes.byteLength}`)
  expect(
    Buffer.compare(new Uint8Array(await part.arrayBuffer()), bytes.slice(99_999, 300_001)),
  ).toBe(0)
  const tail = await fetch(location, { headers: { range: 'bytes=-5' } })
  expect(Buffer.compare(new Uint8Array(await tail.arrayBuffer()), bytes.slice(-5))).toBe(0)
  const past = await fetch(location, { headers: { range: `bytes=${bytes.byteLength}-` } })
  expect([past.status, past.headers.get('content-range')]).toEqual([
    416,
    `bytes */${bytes.byteLength}`,
  ])
  const head = await fetch(location, { method: 'HEAD' })
  expect(head.headers.get('content-length')).toBe(String(bytes.byteLength))
  const fresh = await fetch(location, { headers: { 'if-none-match': whole.headers.get('etag')! } })
  expect(fresh.status).toBe(304)
})

test('a redirected object has the name of its file', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const location = (await hub.get(file)).headers.get('location')!
  expect(new URL(location).pathname).toMatch(/^\/lfs\/[0-9a-f]{64}\/as\/model\.onnx$/)
  const { headers } = await fetch(location, { method: 'HEAD' })
  expect(headers.get('content-disposition')).toBe(
    `inline; filename="model.onnx"; filename*=UTF-8''model.onnx`,
  )
  const other = await fetch(location.replace('/as/model.onnx', '/as/other.exe'))
  expect(other.status).toBe(403)
})

test('the range of a request is signed into the redirect, which is valid only for it', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const redirect = await hub.get(file, { headers: { range: 'bytes=0-0' } })
  const location = redirect.headers.get('location')!
  expect((await fetch(location, { headers: { range: 'bytes=0-0' } })).status).toBe(206)
  expect((await fetch(location, { headers: { range: 'bytes=0-1' } })).status).toBe(403)
  expect((await fetch(location)).status).toBe(403)
  // By RFC 9110 both may be answered with the whole file.
  for (const headers of [
    { range: 'bytes=0-0,0-0' },
    { range: 'bytes=0-0', 'if-range': '"other"' },
  ]) {
    expect((await fetch(location, { headers })).status).toBe(403)
    const whole = await fetch(new URL(file, hub.url), { headers })
    expect([whole.status, (await whole.arrayBuffer()).byteLength > 1]).toEqual([200, true])
  }
})

test('files can be taken off Xet by pattern', async () => {
  const hub = await startTestHub({ withoutXet: ['me/vad/*.onnx'] })
  const bytes = await putModel(hub)
  const response = await hub.get(file, { headers: { accept: 'application/vnd.xet-fileinfo+json' } })
  expect(response.status).toBe(302)
  expect(response.headers.get('x-xet-hash')).toBeNull()
  expect(response.headers.get('x-linked-etag')).toMatch(/^"[0-9a-f]{64}"$/)
  const body = await (await fetch(response.headers.get('location')!)).arrayBuffer()
  expect(body.byteLength).toBe(bytes.byteLength)
})

test('a file in git is served by the hub itself', async () => {
  const hub = await startTestHub()
  await putText(hub, 'config.json')
  const at = '/me/vad/resolve/main/config.json'
  const whole = await hub.get(at)
  expect([whole.status, await whole.text()]).toEqual([200, text])
  expect(whole.headers.get('content-length')).toBe(String(text.length))
  expect(whole.headers.get('accept-ranges')).toBe('bytes')
  const etag = whole.headers.get('etag')!
  expect(etag).toMatch(/^"[0-9a-f]{40}"$/)
  const part = await hub.get(at, { headers: { range: 'bytes=1-3', 'if-range': etag } })
  expect([part.status, await part.text()]).toEqual([206, text.slice(1, 4)])
  const stale = await hub.get(at, { headers: { range: 'bytes=1-3', 'if-range': '"other"' } })
  expect(stale.status).toBe(200)
  const head = await hub.get(at, { method: 'HEAD' })
  expect([head.headers.get('content-length'), await head.text()]).toEqual([String(text.length), ''])
  expect((await hub.get(at, { headers: { 'if-none-match': etag } })).status).toBe(304)
})

test('raw gives the pointer of a large file, and names of object properties are no files', async () => {
  const hub = await startTestHub()
  const bytes = await putModel(hub)
  const pointer = await (await hub.get('/me/vad/raw/main/model.onnx')).text()
  expect(pointer).toMatch(
    /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:[0-9a-f]{64}\n/,
  )
  expect(pointer).toContain(`size ${bytes.byteLength}\n`)
  await putText(hub, '__proto__')
  expect(await (await hub.get('/me/vad/resolve/main/__proto__')).text()).toBe(text)
  expect((await hub.get('/me/vad/resolve/main/constructor')).status).toBe(404)
})

test('a commit on an outdated parent is refused, and files can be deleted', async () => {
  const hub = await startTestHub()
  await putText(hub, 'a.json')
  const commit = async (...lines: object[]): Promise<Response> =>
    hub.get('/api/models/me/vad/commit/main', {
      method: 'POST',
      headers: { authorization: 'Bearer hf_tester' },
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    })
  const parentCommit = '0'.repeat(40)
  expect((await commit({ key: 'header', value: { parentCommit } })).status).toBe(412)
  expect((await commit({ key: 'deletedFile', value: { path: 'a.json' } })).status).toBe(200)
  expect((await hub.get('/me/vad/resolve/main/a.json')).status).toBe(404)
  const oid = 'f'.repeat(64)
  const absent = await commit({
    key: 'lfsFile',
    value: { path: 'b.bin', algo: 'sha256', oid, size: 1 },
  })
  expect(absent.status).toBe(400)
  expect(await absent.text()).toContain('was not uploaded')
})

const tiny = { type: 'model', name: 'me/tiny' } as const

test.each([
  ['me/tiny', true],
  ['me/*', true],
  ['*', true],
  ['me/tiny/onnx/model.onnx', true],
  ['me/tiny/*.onnx', true],
  ['me/tiny/*.bin', false],
  ['me/tin', false],
  ['datasets/me/tiny', false],
  ['me/tiny/onnx/modelXonnx', false],
])('the pattern %s takes me/tiny/onnx/model.onnx off Xet: %s', (pattern, expected) => {
  expect(isWithoutXet([pattern], { repo: tiny, path: 'onnx/model.onnx' })).toBe(expected)
})

describe('a page of links', () => {
  const commit = async (hub: TestHub, paths: readonly string[]): Promise<void> => {
    const lines = paths.map((path) => ({ key: 'file', value: { path, content: 'x' } }))
    const response = await hub.get('/api/models/me/tree/commit/main', {
      method: 'POST',
      headers: { authorization: 'Bearer hf_tester' },
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    })
    expect(response.status).toBe(200)
  }

  test('is given for a folder only where it is switched on', async () => {
    const hub = await startTestHub()
    await commit(hub, ['a.txt', 'sub/b.txt'])
    const page = (path: string): Promise<Response> => hub.get(`/me/tree/resolve/main${path}`)
    for (const path of ['', '/', '/sub/']) expect((await page(path)).status, path).toBe(404)
    hub.hub.configure({ listings: true })
    const root = await page('/')
    expect(root.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect((await root.text()).match(/href="[^"]*"/g)).toEqual(['href="./a.txt"', 'href="./sub/"'])
    expect(await (await page('/sub/')).text()).toContain('href="./b.txt"')
    expect((await page('')).headers.get('location')).toBe(`${hub.url}/me/tree/resolve/main/`)
    expect((await page('/none/')).status).toBe(404)
    expect((await page('/sub/../')).status).not.toBe(500)
  })

  test('holds no markup but its own, and only what the caller may read', async () => {
    const hub = await startTestHub({ listings: true, gated: ['me/gated'], private: ['me/hidden'] })
    await commit(hub, ['<script>.txt', 'javascript:x', 'a"b.txt'])
    const html = await (await hub.get('/me/tree/resolve/main/')).text()
    expect(html).not.toContain('<script>')
    expect(html).toContain('href="./%3Cscript%3E.txt"')
    expect(html).toContain('href="./javascript%3Ax"')
    for (const name of ['gated', 'hidden']) {
      await hub.get('/api/repos/create', {
        method: 'POST',
        headers: { authorization: 'Bearer hf_tester' },
        body: JSON.stringify({ name, organization: 'me' }),
      })
      expect((await hub.get(`/me/${name}/resolve/main/`)).status).toBe(401)
    }
  })
})
