import { expect, test } from 'vitest'
import { BytesSource } from '../transfer/testing/BytesSource.ts'
import { loadFile } from './loader-calls.ts'

const bytes = new Uint8Array(100)
const { signal } = new AbortController()
const url = 'https://hub.example/me/m/resolve/main/model.onnx?token=x'

test('waits for the last byte, and lets go of the file', async () => {
  const source = new BytesSource(bytes)
  await loadFile(source, url, { signal })
  expect(source.open).toBe(0)
})

test('a file that is here is not asked for', async () => {
  const source = new BytesSource(bytes)
  source.complete = true
  source.demand = () => Promise.reject(new Error('not needed'))
  await loadFile(source, url, { signal })
  await loadFile(new BytesSource(new Uint8Array()), url, { signal })
})

test('fails as the load fails, and lets go of the file', async () => {
  const source = new BytesSource(bytes)
  source.failure = { at: 50, error: new Error('cut') }
  await expect(loadFile(source, url, { signal })).rejects.toThrow('cut')
  expect(source.open).toBe(0)
})

test.each([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [418, 'http'],
])('a refusal by %i is an error with the words of the hub', async (status, code) => {
  const source = new BytesSource(bytes)
  const headers = [['x-error-message', 'Not today.']] as const
  source.refusal = { status, statusText: '', headers, body: new Uint8Array() }
  const failure = loadFile(source, url, { signal })
  await expect(failure).rejects.toMatchObject({ code, status, url: url.split('?')[0] })
  await expect(failure).rejects.toThrow('Not today.')
})
