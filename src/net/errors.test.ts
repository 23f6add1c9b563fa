import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  describeRefusal,
  httpError,
  networkError,
  noAnswerError,
  readAtMost,
  readJson,
} from './errors.ts'

describe('what a server says is in the error', () => {
  const s3 =
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message><Key>secret</Key></Error>'
  test.each([
    ['the XML of S3', s3, {}, '403 (AccessDenied: Request has expired)'],
    [
      'XML without a message',
      '<Error>\n<Code>SignatureDoesNotMatch</Code></Error>',
      {},
      '403 (SignatureDoesNotMatch)',
    ],
    [
      'the title of a page of a proxy',
      '<html><head><title lang="en">\n Blocked by\n policy </title>',
      {},
      '403 (Blocked by policy)',
    ],
    [
      'JSON of a hub',
      '{"error":"Access to model o/r is restricted."}',
      {},
      '403 (Access to model o/r is restricted.)',
    ],
    [
      'a header, before the body',
      s3,
      { 'x-error-message': 'Repository is gated' },
      '403 (Repository is gated)',
    ],
    ['nothing', 'no', {}, '403'],
    [
      'a secret',
      '{"message":"Bad token hf_0123456789012345678901234567890123 in ?token=hf_abc"}',
      {},
      '403 (Bad token [redacted] in ?token=[redacted])',
    ],
  ])('%s', (_, body, headers, said) => {
    const refusal = {
      status: 403,
      headers: new Headers(headers),
      body: new TextEncoder().encode(body),
    }
    expect(describeRefusal(refusal)).toBe(said)
  })

  test('no quotation is long', () => {
    const headers = new Headers({ 'x-error-message': 'word '.repeat(1000) })
    expect(describeRefusal({ status: 500, headers }).length).toBeLessThan(220)
  })

  test('with the host, and no part of the query', async () => {
    const url = 'https://storage.example/x?X-Amz-Signature=s'
    const error = await httpError('A part of the file', new Response(s3, { status: 403 }), url)
    expect(error.message).toContain(
      'storage.example answered 403 (AccessDenied: Request has expired)',
    )
    expect(error).toMatchObject({
      code: 'forbidden',
      status: 403,
      url: 'https://storage.example/x',
    })
    expect(error.message).not.toContain('Signature=')
    const lost = networkError(new TypeError('Failed to fetch'), new AbortController().signal, url)
    expect(lost).toMatchObject({ message: expect.stringContaining('storage.example') })
  })

  test('a body that does not end is not waited for', async () => {
    const endless = new Response(new ReadableStream(), { status: 503 })
    const error = await httpError('The read token', endless, 'https://hub.example/token')
    expect(error.message).toContain('hub.example answered 503')
  })
})

describe('body', () => {
  test('a longer body ends at the limit, also while another copy of it stays unread', async () => {
    const response = new Response('123456')
    expect(await readAtMost(response.clone(), 5)).toMatchObject({ cut: true })
    expect(await response.text()).toBe('123456')
  })

  test('reads a body up to exactly the limit', async () => {
    expect(await readAtMost(new Response('12345'), 5)).toMatchObject({ cut: false })
    const { bytes, cut } = await readAtMost(new Response('123456'), 5)
    expect(new TextDecoder().decode(bytes)).toBe('12345')
    expect(cut).toBe(true)
    expect((await readAtMost(new Response(null), 5)).bytes).toHaveLength(0)
  })

  test('stops reading an endless body at the limit', async () => {
    let cancelled = false
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      cancel: () => void (cancelled = true),
    })
    expect((await readAtMost(new Response(body), 2500)).bytes).toHaveLength(2500)
    expect(cancelled).toBe(true)
  })

  test('JSON, or an error that does not quote it', async () => {
    expect(await readJson('It', new Response('{"a":1}'), 100)).toEqual({ a: 1 })
    const bad = readJson('The token', new Response('secret-token'), 100)
    await expect(bad).rejects.toMatchObject({
      code: 'protocol',
      message: expect.not.stringContaining('secret'),
    })
    await expect(readJson('It', new Response('[1,2,3]'), 3)).rejects.toMatchObject({
      code: 'protocol',
    })
  })
})

test('a refusal whose body never ends is cancelled after a second, and its words are in the error', async () => {
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('Too busy')),
    cancel: () => void (cancelled = true),
  })
  vi.useFakeTimers()
  const error = httpError('An answer', new Response(body, { status: 503 }), 'https://hub.example/a')
  await vi.advanceTimersByTimeAsync(1100)
  vi.useRealTimers()
  expect((await error).status).toBe(503)
  expect(cancelled).toBe(true)
})

test('without network an error says that the device is offline, and lacks the file', () => {
  vi.stubGlobal('navigator', { onLine: false })
  onTestFinished(() => void vi.unstubAllGlobals())
  const { code, message } = noAnswerError('https://hub.example/a?sig=s', new TypeError('failed'))
  expect(code).toBe('network')
  expect(message).toBe(
    'No answer from hub.example: the device is offline, and does not hold the whole file.',
  )
})
