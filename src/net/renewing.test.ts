import { expect, test, vi } from 'vitest'
import { renewing } from './retry.ts'

const url = 'https://hub.example/x'
const init = (token: string): RequestInit => ({
  headers: { authorization: token, range: 'bytes=0-1' },
})

/** A server that takes one token. */
function server(right: string): { fetch: typeof fetch & ((url: string) => never); sent: string[] } {
  const sent: string[] = []
  const answer = async (_: string, given: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(given.headers)
    sent.push(`${headers.get('authorization')} ${headers.get('range')}`)
    return new Response(null, { status: headers.get('authorization') === right ? 200 : 401 })
  }
  return { fetch: answer as never, sent }
}

test('a refused token is replaced once, and the request repeated as it was', async () => {
  const { fetch, sent } = server('new')
  const authorize = vi.fn(async () => 'new')
  const asking = renewing(fetch, authorize)
  expect((await asking(url, init('old'))).status).toBe(200)
  expect(sent).toEqual(['old bytes=0-1', 'new bytes=0-1'])
  expect(authorize).toHaveBeenCalledWith(url, 'old')
  // From then on the refused one is not tried any more.
  expect((await asking(url, init('old'))).status).toBe(200)
  expect(sent.slice(2)).toEqual(['new bytes=0-1'])
})

test('the other token goes to no other origin', async () => {
  const { fetch, sent } = server('new')
  const asking = renewing(fetch, async (to) => (to === url ? 'new' : undefined))
  expect((await asking(url, init('old'))).status).toBe(200)
  expect((await asking('https://elsewhere.example/x', init('old'))).status).toBe(401)
  expect(sent.at(-1)).toBe('old bytes=0-1')
})

test.each([
  ['the same token again', 'old'],
  ['no other token', undefined],
])('%s: the 401 is the answer', async (_, given) => {
  const { fetch, sent } = server('right')
  const asking = renewing(fetch, async () => given)
  expect((await asking(url, init('old'))).status).toBe(401)
  expect(sent).toHaveLength(1)
})

test('a second 401 is the answer', async () => {
  const { fetch, sent } = server('right')
  expect((await renewing(fetch, async () => 'new')(url, init('old'))).status).toBe(401)
  expect(sent).toHaveLength(2)
})

test('nobody is asked about requests without a token, or refused elsewhere', async () => {
  const authorize = vi.fn(async () => 'new')
  const refused = new Response(null, { status: 401 })
  Object.defineProperties(refused, {
    url: { value: 'https://storage.example/x' },
    redirected: { value: true },
  })
  expect((await renewing(server('right').fetch, authorize)(url)).status).toBe(401)
  expect((await renewing(async () => refused, authorize)(url, init('old'))).status).toBe(401)
  expect(authorize).not.toHaveBeenCalled()
})
