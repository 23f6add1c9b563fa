import { expect, test } from 'vitest'
import { sha256Hex } from '../auth/digests.ts'
import { mayReadMetrics } from './endpoints.ts'
import { testGateway } from './testing/test-gateway.ts'

const metrics = { render: () => 'auth_decisions_total 1\n' }

test('the policy is for everybody, also for caches and pages', async () => {
  const gateway = testGateway({ endpoints: { policy: () => ({ realm: 'x' }) } })
  const response = await gateway.ask('/.well-known/modelferry-policy', {
    headers: { authorization: 'Bearer unknown-token', origin: 'https://evil.test' },
  })
  expect(await response.json()).toEqual({ realm: 'x' })
  expect(response.headers.get('cache-control')).toBe('public, max-age=60')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.has('x-auth-result')).toBe(false)
  expect(gateway.seen).toEqual([])
})

test('row 8: a token in the address of an own answer keeps caches out of it too', async () => {
  const gateway = testGateway({ endpoints: { policy: () => ({ realm: 'x' }) } })
  const response = await gateway.ask('/.well-known/modelferry-policy?token=tokseed00')
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
})

test('an endpoint that is not there belongs to the services', async () => {
  const gateway = testGateway()
  expect((await gateway.ask('/metrics')).status).toBe(200)
  expect(gateway.seen).toHaveLength(1)
})

test('further endpoints get their request, and what they throw is a 500 without it', async () => {
  const gateway = testGateway({
    endpoints: {
      more: {
        '/v1/introspect': async (request) => Response.json(await request.json()),
        '/v1/broken': () => Promise.reject(new Error('secret')),
      },
    },
  })
  const init = { method: 'POST', body: '{"token":"t"}' }
  expect(await (await gateway.ask('/v1/introspect', init)).json()).toEqual({ token: 't' })
  const broken = await gateway.ask('/v1/broken', init)
  expect(broken.status).toBe(500)
  expect(await broken.text()).not.toContain('secret')
})

const local = { peer: '127.0.0.1', host: 'localhost', headers: {} }
test.each([
  ['a program of this machine', 200, local],
  ['one by IPv6', 200, { ...local, peer: '::1', host: '[::1]' }],
  ['one by a mapped address', 200, { ...local, peer: '::ffff:127.0.0.1' }],
  ['another machine', 404, { ...local, peer: '198.51.100.7' }],
  ['nobody known', 404, { ...local, peer: null }],
  ['a proxy of this machine', 404, { ...local, headers: { 'x-forwarded-for': '1.1.1.1' } }],
  ['one with another header', 404, { ...local, headers: { forwarded: 'for=1.1.1.1' } }],
  ['one with the configured header', 404, { ...local, headers: { 'x-who': '1.1.1.1' } }],
  ['a page in a browser here', 404, { ...local, headers: { origin: 'https://evil.test' } }],
  ['an image of such a page', 404, { ...local, headers: { 'sec-fetch-site': 'cross-site' } }],
  ['a name that leads here', 404, { ...local, host: 'rebound.evil.test' }],
  [
    'a token',
    200,
    { ...local, peer: '198.51.100.7', headers: { authorization: 'bearer good-token' } },
  ],
  ['a wrong token', 404, { ...local, headers: { authorization: 'Bearer bad-token' } }],
])('counters for %s: %i', async (_, status, { peer, host, headers }) => {
  const mayRead = mayReadMetrics([sha256Hex('good-token')], 'x-who')
  const gateway = testGateway({ endpoints: { metrics: { ...metrics, mayRead } } })
  const request = new Request(`http://${host}:8080/metrics`, { headers: headers as HeadersInit })
  const response = await gateway.fetch(request, { peer })
  expect(response.status).toBe(status)
  const text = await response.text()
  expect(text.includes('auth_decisions_total')).toBe(status === 200)
  expect(response.headers.has('access-control-allow-origin')).toBe(false)
  if (status === 200) {
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  }
})

test('who may read the counters may read who used how much, and nobody else', async () => {
  const gateway = testGateway({
    endpoints: { metrics: { render: () => '', usage: () => ({ day: '2026-11-22' }) } },
  })
  const request = new Request('http://127.0.0.1:8080/usage')
  const response = await gateway.fetch(request, { peer: '127.0.0.1' })
  expect(await response.json()).toEqual({ day: '2026-11-22' })
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect((await gateway.fetch(request, { peer: '198.51.100.7' })).status).toBe(404)
})
