import { request } from 'node:http'
import * as fc from 'fast-check'
import { Hono } from 'hono/tiny'
import { describe, expect, test } from 'vitest'
import { as, canonicalPath, checkTarget, type HubEnv, readCount, REPO, routeOf } from './routing.ts'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'

/** Sends a path unchanged: `fetch` would normalise it. */
function sendRaw(origin: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const sending = request({ hostname, port, path }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => (body += part))
      response.on('end', () => resolve({ status: response.statusCode!, body }))
    })
    sending.on('error', reject).end()
  })
}

test('no path reaches files outside of a repository', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const up = ['..', '%2e%2e', '..%2f..', '.%2e', '%252e%252e']
  const starts = [
    '/',
    '/me/vad/resolve/main/',
    '/me/vad/raw/main/',
    '/xorbs/default/',
    '/lfs/',
    '/v1/files/',
  ]
  const paths = starts.flatMap((start) =>
    up.map((step) => `${start}${`${step}/`.repeat(4)}secrets.json`),
  )
  for (const origin of [hub.url, hub.storageUrl]) {
    for (const path of [
      ...paths,
      '/me/vad/resolve/main/%00',
      '//secrets.json',
      `/${'a/'.repeat(4000)}`,
    ]) {
      const { status, body } = await sendRaw(origin, path)
      expect([path, status >= 400 && status < 500]).toEqual([path, true])
      expect(body).not.toContain('"key"')
    }
  }
})

describe('canonicalPath', () => {
  test.each([
    ['/', '/'],
    ['/%61pi/models', '/api/models'],
    ['/a%2fb', '/a%2Fb'],
    ['/a b', '/a%20b'],
    ['/%2e%2e/a', '/../a'],
    ['/%', undefined],
    ['/%ff', undefined],
  ])('of %s is %s', (path, expected) => expect(canonicalPath(path)).toBe(expected))

  test('has the same decoded segments, and does not change when it is applied again', () => {
    const segments = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { minLength: 1 })
    fc.assert(
      fc.property(segments, (parts) => {
        const path = canonicalPath(`/${parts.map(encodeURIComponent).join('/')}`)!
        expect(path.split('/').slice(1).map(decodeURIComponent)).toEqual(parts)
        expect(canonicalPath(path)).toBe(path)
      }),
    )
  })
})

test.each([
  [`/${'a'.repeat(4096)}`, 414],
  ['/%zz', 400],
])('a path that no route can have is refused', (path, status) => {
  expect(() => checkTarget(path)).toThrow(expect.objectContaining({ status }))
})

describe('routeOf', () => {
  const app = new Hono<HubEnv>()
  const answer = (): Response => new Response()
  app.get(`/${REPO}/raw`, as('file'), answer)
  app.post(`/${REPO}/raw`, as('commit'), answer)
  app.put('/put', as('lfs'), answer)

  test('matches a repository with and without an owner, also encoded', () => {
    for (const repo of ['a', 'me/a', 'me%2Fa'])
      expect(routeOf(app, 'GET', `/${repo}/raw`)).toEqual({
        kind: 'file',
        params: { repo },
        methods: ['GET'],
      })
    expect(routeOf(app, 'GET', '/me/a/b/raw').kind).toBe('unknown')
  })

  test('takes HEAD as GET, and tells the kind of each method apart', () => {
    expect(routeOf(app, 'HEAD', '/a/raw').kind).toBe('file')
    expect(routeOf(app, 'POST', '/a/raw').kind).toBe('commit')
  })

  test('lists the methods of a path that has other ones', () => {
    expect(routeOf(app, 'DELETE', '/a/raw').methods).toEqual(['GET', 'HEAD', 'POST'])
    expect(routeOf(app, 'GET', '/put')).toMatchObject({ kind: 'lfs', methods: ['PUT'] })
    expect(routeOf(app, 'GET', '/none').methods).toEqual([])
    expect(routeOf(app, 'GET', '/%').methods).toEqual([])
  })
})

test.each([
  ['12', 12],
  ['0', 0],
  [undefined, 0],
  ['-1', 0],
  ['1e3', 0],
  ['1234567', 0],
])('the count %s is %s', (text, count) => expect(readCount(text)).toBe(count))
