import http from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startOrigin } from '../hub/testing/startOrigin.ts'
import { loadFile } from '../worker/loader-calls.ts'
import { ask } from './testing/ask.ts'
import { oddBytes } from './testing/odd-servers.ts'

const whole = oddBytes(2_500_000)

/** A file store that accepts a set of signatures. */
async function startSigningStore(): Promise<{
  readonly url: (signature: string, path?: string) => string
  readonly known: Set<string>
  readonly asked: string[]
  readonly close: () => void
}> {
  const known = new Set(['one', 'two'])
  const asked: string[] = []
  const server = http.createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://store')
    asked.push(request.url ?? '')
    const signature = searchParams.get('X-Amz-Signature') ?? searchParams.get('token') ?? ''
    if (!known.has(signature)) {
      response.writeHead(403, { 'content-type': 'application/xml' })
      return response.end('<Error><Code>AccessDenied</Code></Error>')
    }
    response.writeHead(200, { etag: '"one-version"', 'content-length': whole.length })
    return response.end(whole)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(close)
  const { port } = server.address() as { port: number }
  return {
    url: (signature, path = '/models/a%2Bb.onnx') =>
      `http://127.0.0.1:${port}${path}?X-Amz-Date=20261130T000000Z&X-Amz-Signature=${signature}`,
    known,
    asked,
    close,
  }
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer())
}

test('a file is fetched once for all signatures, by exactly the signed URL', async () => {
  const [place, store] = [await startOrigin(), await startSigningStore()]
  const engine = place.engine()
  const first = await ask(engine, store.url('one'))
  expect(Buffer.compare(await bytesOf(first), whole)).toBe(0)
  await expect.poll(() => [...place.store.files.values()][0]?.proof).toBe('length')
  const second = await ask(place.engine(), store.url('two'))
  expect(second.headers.get('x-modelferry')).toBe('hit')
  expect(Buffer.compare(await bytesOf(second), whole)).toBe(0)
  expect(place.store.files.size).toBe(1)
  for (const path of store.asked)
    expect(path).toMatch(
      /^\/models\/a%2Bb\.onnx\?X-Amz-Date=20261130T000000Z&X-Amz-Signature=(one|two)$/,
    )
})

test('the fault of a refused signature asks for a fresh URL, not for a token', async () => {
  const [place, store] = [await startOrigin(), await startSigningStore()]
  expect((await ask(place.engine(), store.url('expired'))).status).toBe(403)
  const faultOf = (): string | undefined =>
    place.events.flatMap((event) => (event.name === 'fault' ? [event.detail.message] : []))[0]
  await expect.poll(faultOf).toMatch(/403 \(AccessDenied\).*signature.*fresh URL/)
  expect(faultOf()).not.toContain('token')
})

test('another signature gets a stored file only after the server has accepted it', async () => {
  const [place, store] = [await startOrigin(), await startSigningStore()]
  const engine = place.engine()
  await bytesOf(await ask(engine, store.url('one')))
  await expect.poll(() => [...place.store.files.values()][0]?.proof).toBe('length')
  const refused = await ask(engine, store.url('forged'))
  expect(refused.status).toBe(403)
  expect(await refused.text()).toContain('AccessDenied')
  expect((await ask(engine, store.url('one').split('?', 1)[0]!)).status).toBe(403)
  store.close()
  await expect(ask(engine, store.url('forged'))).rejects.toMatchObject({ code: 'network' })
  await expect(ask(engine, store.url('two'))).rejects.toMatchObject({ code: 'network' })
  expect(Buffer.compare(await bytesOf(await ask(engine, store.url('one'))), whole)).toBe(0)
})

test('no stored or sent data contains the signature', async () => {
  const [place, store] = [await startOrigin(), await startSigningStore()]
  const engine = place.engine()
  await bytesOf(await ask(engine, store.url('one')))
  await ask(engine, store.url('forged'))
  const { urls, missingEntries, files } = place.store
  const kept = JSON.stringify([[...urls], [...missingEntries], [...files.keys()], place.events])
  expect(kept).toContain('/models/a%2Bb.onnx')
  expect(kept).not.toMatch(/X-Amz|Signature|forged/)
})

test('secrets that select content never return the bytes of another one', async () => {
  const [place, store] = [await startOrigin(), await startSigningStore()]
  const engine = place.engine()
  const url = store
    .url('one', '/download')
    .replace('X-Amz-Date=20261130T000000Z&X-Amz-Signature', 'token')
  await bytesOf(await ask(engine, url))
  await bytesOf(await ask(engine, url.replace('token=one', 'token=two')))
  // Two versions for two tokens, though tag and length are equal.
  expect(place.store.files.size).toBe(2)
})

test('a private file of a hub is fetched with a token in its URL, and never returned without it', async () => {
  const place = await startOrigin()
  const engine = place.engine()
  const url = `${place.url}?token=hf_secret`
  const loaded = await loadFile(engine, place.url, {
    authorization: `modelferry-address ${url} `,
    signal: AbortSignal.timeout(5000),
  })
  expect(loaded.url).toBe(place.url)
  expect((await ask(engine, url)).headers.get('x-modelferry')).toBe('hit')
  expect(JSON.stringify([...place.store.urls])).not.toContain('hf_secret')
  expect([...place.store.urls.values()].flatMap(({ grants }) => grants)).not.toContain('public')
})

test('offline a stored file is found by another spelling, or with a query after a file name', async () => {
  const place = await startOrigin()
  const engine = place.engine()
  await bytesOf(await ask(engine, place.url))
  await expect.poll(() => [...place.store.files.values()][0]?.proof).toBe('xet')
  await place.hub.close()
  for (const other of [
    place.url.replace('model.onnx', '/model.onnx'),
    place.url.replace('model', '%6dodel'),
    `${place.url}?download=1`,
    `${place.url}?v=1`,
  ])
    expect((await ask(engine, other)).headers.get('x-modelferry')).toBe('hit')
  await expect(ask(engine, place.url.replace('model', 'other'))).rejects.toMatchObject({
    code: 'network',
  })
})
