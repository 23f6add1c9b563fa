import { expect, test } from 'vitest'
import { FakeNet } from '../net/testing/FakeNet.ts'
import type { FileInfo } from '../data/index.ts'
import { ReadTokens } from './cas-client.ts'

const info: FileInfo = {
  url: 'https://hub.example/o/r/resolve/main/f',
  size: 9,
  content: 'xet:1',
  tokenUrl: 'https://hub.example/token',
  fetchedAt: 0,
}

/** Every token is new and lives for `seconds`. */
function setUp(seconds: number, change: object = {}): { net: FakeNet; tokens: ReadTokens } {
  let count = 0
  const net: FakeNet = new FakeNet(() =>
    Response.json({
      accessToken: `t${++count}`,
      exp: net.clock.now() / 1000 + seconds,
      casUrl: 'https://cas.example/',
      ...change,
    }),
  )
  return { net, tokens: new ReadTokens(net) }
}

test('concurrent callers share one call, and the token is used until shortly before its expiry', async () => {
  const { net, tokens } = setUp(600)
  const both = await Promise.all([tokens.get(info), tokens.get(info)])
  expect(both.map((token) => token.accessToken)).toEqual(['t1', 't1'])
  expect(both[0]?.casUrl).toBe('https://cas.example')
  await net.clock.advance(539_999)
  expect((await tokens.get(info)).accessToken).toBe('t1')
  await net.clock.advance(1)
  expect((await tokens.get(info)).accessToken).toBe('t2')
  expect(net.asked).toHaveLength(2)
})

test('a token of two seconds is used for one and a half', async () => {
  const { net, tokens } = setUp(2)
  await tokens.get(info)
  await net.clock.advance(1_499)
  expect((await tokens.get(info)).accessToken).toBe('t1')
  await net.clock.advance(1)
  expect((await tokens.get(info)).accessToken).toBe('t2')
})

test('a token that seems expired on arrival is used, because the clock must be wrong', async () => {
  const { net, tokens } = setUp(-7_200)
  await tokens.get(info)
  await tokens.get(info)
  expect(net.asked).toHaveLength(1)
})

test('identities have their own tokens, shown to the origin of the file only', async () => {
  const { net, tokens } = setUp(600)
  await tokens.get(info)
  await tokens.get(info, { authorization: 'Bearer a' })
  await tokens.get(info, { authorization: 'Bearer b' })
  const elsewhere = { ...info, tokenUrl: 'https://other.example/token' }
  await tokens.get(elsewhere, { authorization: 'Bearer a' })
  expect(net.asked).toEqual(['/token', '/token Bearer a', '/token Bearer b', '/token'])
})

test('a refused token is replaced once for all its holders', async () => {
  const { net, tokens } = setUp(600)
  const refused = await tokens.get(info)
  const [a, b] = await Promise.all([tokens.renew(refused), tokens.renew(refused)])
  expect([a?.accessToken, b?.accessToken]).toEqual(['t2', 't2'])
  expect((await tokens.renew(refused)).accessToken).toBe('t2')
  expect(net.asked).toHaveLength(2)
})

test('an aborted caller does not cancel the call of the others', async () => {
  const { net, tokens } = setUp(600)
  const controller = new AbortController()
  const first = tokens.get(info, { signal: controller.signal })
  const second = tokens.get(info)
  controller.abort(new Error('gone'))
  await expect(first).rejects.toThrow('gone')
  expect((await second).accessToken).toBe('t1')
  expect(net.asked).toHaveLength(1)
})

test('the same in headers', async () => {
  const headers = {
    'x-xet-access-token': 'h',
    'x-xet-token-expiration': '1800000600',
    'x-xet-cas-url': 'https://cas.example',
  }
  const tokens = new ReadTokens(new FakeNet(() => new Response('no JSON', { headers })))
  expect(await tokens.get(info)).toMatchObject({ accessToken: 'h', renewAt: 1_800_000_540_000 })
})

test.each([
  ['accessToken', { accessToken: '' }],
  ['accessToken', { accessToken: 'secret\r\nx: y' }],
  ['exp', { exp: '1800000600' }],
  ['exp', { exp: -1 }],
  ['casUrl', { casUrl: 'cas.example' }],
  ['casUrl', { casUrl: 'ftp://cas.example' }],
  ['casUrl', { casUrl: 'https://cas.example/?secret=1' }],
])('a malformed %s is named in the error, without its value', async (field, change) => {
  const { tokens } = setUp(600, change)
  const error: unknown = await tokens.get(info).catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'protocol', message: expect.stringContaining(field) })
  expect(String(error)).not.toContain('secret')
})

test.each([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [410, 'http'],
])('status %i is %s, with the words of the hub', async (status, code) => {
  const headers = { 'x-error-code': 'GatedRepo', 'x-error-message': 'Ask first.' }
  const net: FakeNet = new FakeNet(() => new Response(null, { status, headers }))
  const expected = { code, status, errorCode: 'GatedRepo', message: expect.stringContaining('Ask') }
  await expect(new ReadTokens(net).get(info)).rejects.toMatchObject(expected)
  expect(net.asked).toHaveLength(1)
})

test('file info without a token URL is a protocol error', async () => {
  const { tokenUrl: _, ...without } = info
  const { tokens } = setUp(600)
  await expect(tokens.get(without)).rejects.toMatchObject({ code: 'protocol' })
})
