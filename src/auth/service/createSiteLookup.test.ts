import { expect, test } from 'vitest'
import { createRequestVerifier } from './verifier.ts'
import { createSiteLookup } from './introspect-endpoint.ts'
import type { ServiceAudit } from './endpoint.ts'
import { signRequest } from './signatures.ts'

const edge = { keyId: 'edge-1', secret: 'a secret of the edge with 32 bytes or more' }
const url = 'https://auth.example/v1/sites/lookup'
const verify = createRequestVerifier([edge])
const events: ServiceAudit[] = []
const lookup = createSiteLookup({
  verify,
  audit: (event) => void events.push(event),
  sites: new Map([
    ['Registered.Example.', { owner: 'u9', tier: 'flower' }],
    ['other.example', { owner: 'u8' }],
  ]),
})
const nobody = { known: false, owner: null, tier: null }

async function ask(body: string): Promise<unknown> {
  const headers = {
    ...signRequest({ method: 'POST', url, body }, edge),
    'content-type': 'application/json',
  }
  const answer = await lookup(new Request(url, { method: 'POST', body, headers }))
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return answer.status === 200 ? answer.json() : answer.status
}

test.each([
  ['registered.example', { known: true, owner: 'u9', tier: 'flower' }, 'known'],
  ['REGISTERED.example.', { known: true, owner: 'u9', tier: 'flower' }, 'known'],
  ['other.example', { known: true, owner: 'u8', tier: null }, 'known'],
  ['x.registered.example', nobody, 'unknown'],
  ['constructor', nobody, 'unknown'],
  ['https://registered.example', nobody, 'malformed'],
  ['registered.example..', nobody, 'malformed'],
  ['', nobody, 'malformed'],
])('%s', async (host, expected, result) => {
  expect(await ask(JSON.stringify({ host }))).toEqual(expected)
  expect(events.at(-1)).toMatchObject({ event: 'service.site-lookup', result, keyId: 'edge-1' })
})

test('what is no host is not known', async () => {
  expect(await ask('{"host":{"a":1}}')).toEqual(nobody)
  expect(await ask('x'.repeat(3000))).toBe(413)
})

test('a signature for another path opens nothing here', async () => {
  const body = '{"host":"registered.example"}'
  const other = 'https://auth.example/v1/introspect'
  const headers = signRequest({ method: 'POST', url: other, body }, edge)
  const answer = await lookup(new Request(url, { method: 'POST', body, headers }))
  expect(answer.status).toBe(401)
})

test.each([
  [new Map([['https://a.example', { owner: 'u1' }]]), /"https:\/\/a.example" is no host name/],
  [
    new Map([
      ['a.example', { owner: 'u1' }],
      ['A.example.', { owner: 'u2' }],
    ]),
    /"A.example." is there twice/,
  ],
])('a bad registry stops the start', (sites, message) => {
  expect(() => createSiteLookup({ verify, sites })).toThrow(message)
})
