import { expect, test } from 'vitest'
import { sha256Hex } from '../auth/digests.ts'
import { isLocalProgram, mayReadMetrics } from './endpoints.ts'
import { testGateway } from './testing/test-gateway.ts'

const metrics = { render: () => 'auth_decisions_total 1\n' }

test('the policy is public, also for caches and pages', async () => {
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

test('a response of the gateway itself is not cached when the URL has a token', async () => {
  const gateway = testGateway({ endpoints: { policy: () => ({ realm: 'x' }) } })
  const response = await gateway.ask('/.well-known/modelferry-policy?token=tokseed00')
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
})

test('the path of a missing endpoint belongs to the services', async () => {
  const gateway = testGateway()
  expect((await gateway.ask('/metrics')).status).toBe(200)
  expect(gateway.seen).toHaveLength(1)
})

test('further endpoints get their request, and their errors become a 500 without details', async () => {
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
  ['a peer on loopback, such as a local proxy', 404, local],
  ['one by IPv6', 404, { ...local, peer: '::1', host: '[::1]' }],
  ['another machine', 404, { ...local, peer: '198.51.100.7' }],
  ['an unknown peer', 404, { ...local, peer: null }],
  ['a token', 200, { ...local, headers: { authorization: 'bearer good-token' } }],
  ['a wrong token', 404, { ...local, headers: { authorization: 'Bearer bad-token' } }],
])('counters for %s: %i', async (_, status, { peer, host, headers }) => {
  const mayRead = mayReadMetrics([sha256Hex('good-token')])
  const endpoints = { metrics: { ...metrics, usage: () => ({ day: '2026-11-22' }), mayRead } }
  const gateway = testGateway({ endpoints })
  const ask = (path: string) =>
    gateway.fetch(new Request(`http://${host}:8080${path}`, { headers: headers as HeadersInit }), {
      peer,
    })
  const response = await ask('/metrics')
  expect(response.status).toBe(status)
  expect((await ask('/usage')).status).toBe(status)
  const text = await response.text()
  expect(text.includes('auth_decisions_total')).toBe(status === 200)
  expect(response.headers.has('access-control-allow-origin')).toBe(false)
  if (status === 200) {
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
  }
})

test.each([
  ['a local program', true, 'localhost', {}],
  ['one by IPv6', true, '[::1]', {}],
  ['a proxy with x-forwarded-for', false, 'localhost', { 'x-forwarded-for': '1.1.1.1' }],
  ['one with the standard header', false, '127.0.0.1', { forwarded: 'for=1.1.1.1' }],
  ['a page in a local browser', false, 'localhost', { origin: 'https://evil.test' }],
  ['an image of such a page', false, 'localhost', { 'sec-fetch-site': 'cross-site' }],
  ['another host name of this machine', false, 'rebound.evil.test', {}],
])('the loopback listener for %s: %s', (_, is, host, headers) => {
  const request = new Request(`http://${host}:9464/metrics`, { headers: headers as HeadersInit })
  expect(isLocalProgram(request)).toBe(is)
})
