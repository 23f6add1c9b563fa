import { expect, test, describe } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { branchBase, carryResponse, holdFile, loadFile } from './loader-calls.ts'
import { rebuildResponse } from '../page/loader-client.ts'
import { BytesSource } from '../transfer/testing/BytesSource.ts'

describe('URL of a branch', () => {
  test.for([
    ['https://h', 'a/b', 'main', 'https://h/a/b/resolve/main'],
    ['https://h/', 'gpt2', 'v1.0', 'https://h/gpt2/resolve/v1.0'],
    ['https://h/deep', 'datasets/a/b', 'main', 'https://h/deep/datasets/a/b/resolve/main'],
    ['https://h', 'a/b', 'refs/pr/1', 'https://h/a/b/resolve/refs%2Fpr%2F1'],
  ] as const)('%s, %s, %s', ([hub, repo, revision, base]) => {
    expect(branchBase(hub, repo, revision)).toBe(base)
  })

  test.for([
    [undefined, 'a/b', 'main', /hub/],
    ['h', 'a/b', 'main', /hub/],
    ['https://h', 'https://h/a/b', 'main', /repository/],
    ['https://h', '', 'main', /repository/],
    ['https://h', 'a/b/c', 'main', /repository/],
    ['https://h', 'a/b', '', /branch/],
    ['https://h', 'a/b', '607a30d783dfa663caf39e06633721c8d4cfcd7e', /never changes/],
  ] as const)('%s, %s, %s is refused', ([hub, repo, revision, message]) => {
    expect(() => branchBase(hub, repo, revision)).toThrow(message)
  })
})

describe('responses as data', () => {
  test.each([
    ['a body', new Response('hello', { status: 206, headers: { 'content-range': 'bytes 0-4/9' } })],
    ['no body', new Response(null, { status: 204 })],
    ['not modified', new Response(null, { status: 304, headers: { etag: '"one"' } })],
    ['a refusal', new Response('no', { status: 404, statusText: 'Not Found' })],
  ])('%s crosses a realm as an equal response', async (_, response) => {
    const { status, statusText } = response
    const headers = [...response.headers]
    const body = await response.clone().text()
    const { carried, transferables } = await carryResponse(response, 'https://hub.example/x')
    const rebuilt = rebuildResponse(structuredClone(carried, { transfer: transferables }))
    expect(rebuilt).toMatchObject({ status, statusText, url: 'https://hub.example/x' })
    expect([...rebuilt.headers]).toEqual(headers)
    expect(await rebuilt.text()).toBe(body)
  })

  test('an abort in the page ends a body in the loader', async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(9)),
    })
    const { carried, transferables } = await carryResponse(
      new Response(endless),
      'https://h.example/',
    )
    const abort = new AbortController()
    const clone = structuredClone(carried, { transfer: transferables })
    const reading = rebuildResponse(clone, abort.signal).text()
    abort.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })
})

describe('loading a file', () => {
  const bytes = new Uint8Array(100)
  const { signal } = new AbortController()
  const url = 'https://hub.example/me/m/resolve/main/model.onnx?token=x'

  test('waits for the last byte, and releases the file', async () => {
    const source = new BytesSource(bytes)
    await loadFile(source, url, { signal })
    expect(source.open).toBe(0)
  })

  test('a complete file is not requested', async () => {
    const source = new BytesSource(bytes)
    source.complete = true
    source.demand = () => Promise.reject(new Error('not needed'))
    await loadFile(source, url, { signal })
    await loadFile(new BytesSource(new Uint8Array()), url, { signal })
  })

  test('fails with the error of the load, and releases the file', async () => {
    const source = new BytesSource(bytes)
    source.failure = { at: 50, error: new Error('cut') }
    await expect(loadFile(source, url, { signal })).rejects.toThrow('cut')
    expect(source.open).toBe(0)
  })

  test('an error names the URL that was asked for, not that of its commit', async () => {
    const source = new BytesSource(bytes)
    const at = url.replace('/main/', `/${'1'.repeat(40)}/`)
    const lost = new FerryError('network', 'No answer.', { url: at, retryable: true, status: 502 })
    source.info = () => Promise.reject(lost)
    const expected = { code: 'network', url: url.split('?')[0], retryable: true, status: 502 }
    await expect(loadFile(source, url, { signal })).rejects.toMatchObject(expected)
  })

  test('one that may not be kept is an error that says what to use instead of a File', async () => {
    const source = new BytesSource(bytes)
    const why = 'The file cannot be kept on the device: Cache-Control says no-store.'
    source.info = () => Promise.reject(new FerryError('unsupported', why, { url }))
    const failure = loadFile(source, url, { signal })
    await expect(failure).rejects.toMatchObject({ code: 'unsupported' })
    await expect(failure).rejects.toThrow(`${why} Use fetch(url) in place of a File`)
  })

  test.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [418, 'http'],
  ])('a refusal by %i is an error with the message of the hub', async (status, code) => {
    const source = new BytesSource(bytes)
    const headers = [['x-error-message', 'Not today.']] as const
    source.refusal = { status, statusText: '', headers, body: new Uint8Array() }
    const failure = loadFile(source, url, { signal })
    await expect(failure).rejects.toMatchObject({ code, status, url: url.split('?')[0] })
    await expect(failure).rejects.toThrow('Not today.')
  })
})

describe('a file that is held', () => {
  const loaded = {
    url: 'https://hub.example/me/m/resolve/main/a/model.onnx',
    content: 'xet:1',
    size: 3,
  }
  const blob = new Blob(['abc'])

  function store(files: readonly (Blob | undefined)[]): {
    readonly holds: string[]
    readonly hold: (content: string) => () => void
    readonly file: () => Promise<Blob | undefined>
  } {
    const [holds, rest] = [[] as string[], [...files]]
    const hold = (content: string) => {
      holds.push(content)
      return () => void holds.pop()
    }
    return { holds, hold, file: async () => rest.shift() }
  }

  test('has the name and the bytes of the stored one, and is released by the signal', async () => {
    const held = new AbortController()
    const stored = store([blob])
    const file = await holdFile(async () => loaded, stored, held.signal)
    expect([file.name, await file.text(), stored.holds]).toEqual(['model.onnx', 'abc', ['xet:1']])
    held.abort()
    expect(stored.holds).toEqual([])
  })

  test('an empty file needs no stored bytes', async () => {
    const file = await holdFile(
      async () => ({ ...loaded, size: 0 }),
      store([]),
      new AbortController().signal,
    )
    expect(file.size).toBe(0)
  })

  test('a file that is removed meanwhile is an error', async () => {
    const held = new AbortController()
    await expect(holdFile(async () => loaded, store([]), held.signal)).rejects.toMatchObject({
      code: 'storage',
      url: loaded.url,
    })
  })

  test('a load that was cancelled meanwhile holds nothing', async () => {
    const [held, stored] = [new AbortController(), store([blob])]
    held.abort(new Error('enough'))
    await expect(holdFile(async () => loaded, stored, held.signal)).rejects.toThrow('enough')
    expect(stored.holds).toEqual([])
  })
})
