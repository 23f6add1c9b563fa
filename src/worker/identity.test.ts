import { describe, expect, test, vi } from 'vitest'
import { authorizationFor, identityFor, withTokenRenewal } from './identity.ts'

const source = { token: async () => 'hf_secret', origins: ['https://hub.example'] }

test.each([
  ['https://hub.example/a/b/resolve/main/x', 'Bearer hf_secret'],
  ['https://hub.example:443/x', 'Bearer hf_secret'],
  ['http://hub.example/x', undefined],
  ['https://hub.example:8443/x', undefined],
  ['https://hub.example.evil/x', undefined],
  ['https://evil/https://hub.example/x', undefined],
  ['https://sub.hub.example/x', undefined],
  ['not a url', undefined],
])('a token for %s', async (url, expected) => {
  expect(await authorizationFor(url, source)).toBe(expected)
})

test('without a token no header is sent', async () => {
  const none = { ...source, token: async () => undefined }
  expect(await authorizationFor('https://hub.example/', none)).toBeUndefined()
  expect(await authorizationFor('https://hub.example/', undefined)).toBeUndefined()
})

test('the front-end identity goes to configured origins only', () => {
  const frontend = { app: 'my-app', origins: ['https://gateway.example'] }
  expect(identityFor('https://gateway.example/x', frontend, 'https://page.example')).toEqual({
    headers: { 'x-app-id': 'my-app' },
    referrer: 'https://page.example/',
    referrerPolicy: 'origin',
  })
  expect(identityFor('https://other.example/x', frontend, 'https://page.example')).toEqual({
    headers: {},
    referrer: '',
    referrerPolicy: 'no-referrer',
  })
})

describe('a token that was refused', () => {
  const url = 'https://hub.example/x'
  const init = (token: string): RequestInit => ({
    headers: { authorization: token, range: 'bytes=0-1' },
  })

  /** A server that accepts one token. */
  function server(right: string): {
    fetch: typeof fetch & ((url: string) => never)
    sent: string[]
  } {
    const sent: string[] = []
    const answer = async (_: string, given: RequestInit = {}): Promise<Response> => {
      const headers = new Headers(given.headers)
      sent.push(`${headers.get('authorization')} ${headers.get('range')}`)
      return new Response(null, { status: headers.get('authorization') === right ? 200 : 401 })
    }
    return { fetch: answer as never, sent }
  }

  test('a refused token is replaced once, and the request is repeated unchanged', async () => {
    const { fetch, sent } = server('new')
    const authorize = vi.fn(async () => 'new')
    const asking = withTokenRenewal(fetch, authorize)
    expect((await asking(url, init('old'))).status).toBe(200)
    expect(sent).toEqual(['old bytes=0-1', 'new bytes=0-1'])
    expect(authorize).toHaveBeenCalledWith(url, 'old')
    // From then on the refused token is not sent.
    expect((await asking(url, init('old'))).status).toBe(200)
    expect(sent.slice(2)).toEqual(['new bytes=0-1'])
  })

  test('the other token goes to no other origin', async () => {
    const { fetch, sent } = server('new')
    const asking = withTokenRenewal(fetch, async (to) => (to === url ? 'new' : undefined))
    expect((await asking(url, init('old'))).status).toBe(200)
    expect((await asking('https://elsewhere.example/x', init('old'))).status).toBe(401)
    expect(sent.at(-1)).toBe('old bytes=0-1')
  })

  test.each([
    ['the same token again', 'old'],
    ['no other token', undefined],
  ])('%s: the 401 is the answer', async (_, given) => {
    const { fetch, sent } = server('right')
    const asking = withTokenRenewal(fetch, async () => given)
    expect((await asking(url, init('old'))).status).toBe(401)
    expect(sent).toHaveLength(1)
  })

  test('a second 401 is the answer', async () => {
    const { fetch, sent } = server('right')
    expect((await withTokenRenewal(fetch, async () => 'new')(url, init('old'))).status).toBe(401)
    expect(sent).toHaveLength(2)
  })

  test('no token is requested for requests without one, or when another origin refused', async () => {
    const authorize = vi.fn(async () => 'new')
    const refused = new Response(null, { status: 401 })
    Object.defineProperties(refused, {
      url: { value: 'https://storage.example/x' },
      redirected: { value: true },
    })
    expect((await withTokenRenewal(server('right').fetch, authorize)(url)).status).toBe(401)
    expect((await withTokenRenewal(async () => refused, authorize)(url, init('old'))).status).toBe(
      401,
    )
    expect(authorize).not.toHaveBeenCalled()
  })
})
