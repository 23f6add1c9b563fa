import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../../net/testing/FakeClock.ts'
import type { Decision } from '../decision.ts'
import { openDecision, readDecision, sealDecision } from './sealed-decision.ts'
import { signRequest, signatureHeaders } from './signatures.ts'
import { createRequestVerifier } from './verifier.ts'

const gateway = { keyId: 'gateway-1', secret: 'a secret of the gateway with 32 bytes' }
const url = 'http://text.internal/v1/complete'
const decision: Decision = {
  kind: 'token',
  reason: 'DB_TOKEN',
  authenticated: true,
  tokenAuth: true,
  referrerAuth: false,
  bypass: false,
  tier: 'seed',
  subject: 'u1',
  queueKey: 'subject:u1',
  tokenSource: 'header:authorization',
  scope: ['read:me/vad'],
  site: 'app.example',
  status: null,
  network: 'ip:203.0.113.7',
  keyId: 'k1',
  label: null,
  stale: false,
  retryAfterMs: null,
}

function setUp() {
  const clock = new FakeClock(1_800_000_000_000)
  return { clock, verify: createRequestVerifier([gateway], { clock }) }
}

function post(headers: Record<string, string>, body = 'hello'): Request {
  return new Request(url, { method: 'POST', body, headers })
}

test('a decision with more than 100 scopes is accepted', async () => {
  const { clock, verify } = setUp()
  const scope = Array.from({ length: 1000 }, (_, index) => `write:me/model-${index}`)
  const given = { ...decision, scope }
  const headers = sealDecision(given, { method: 'POST', url, body: 'hello' }, gateway, { clock })
  expect(await openDecision(post(headers), verify)).toMatchObject({ decision: given })
  expect(readDecision(JSON.stringify(given))).toEqual(given)
})

test('a sealed decision arrives with its request, for any texts in it', async () => {
  const { clock, verify } = setUp()
  const label = fc.option(fc.string({ unit: 'binary', maxLength: 100 }))
  await fc.assert(
    fc.asyncProperty(label, async (label) => {
      const given = { ...decision, label }
      const headers = sealDecision(given, { method: 'POST', url, body: 'hello' }, gateway, {
        clock,
      })
      const opened = await openDecision(post(headers), verify)
      if (opened.state !== 'trusted') throw new Error(opened.state)
      expect(opened.decision).toEqual(given)
      expect(opened.keyId).toBe('gateway-1')
      expect(new TextDecoder().decode(opened.body)).toBe('hello')
    }),
  )
})

test('an unsigned decision is ignored, and the body stays unread', async () => {
  const { verify } = setUp()
  const request = post({ [signatureHeaders.decision]: JSON.stringify(decision) })
  expect(await openDecision(request, verify)).toEqual({ state: 'none' })
  expect(await request.text()).toBe('hello')
  expect(await openDecision(post({}), verify)).toEqual({ state: 'none' })
})

test('a signed request without a decision header yields no decision', async () => {
  const { clock, verify } = setUp()
  const headers = signRequest({ method: 'POST', url, body: 'hello' }, gateway, { clock })
  expect(await openDecision(post(headers), verify)).toEqual({ state: 'none' })
})

test.each<
  [string, (headers: Record<string, string>, clock: FakeClock) => Promise<Request> | Request]
>([
  [
    'a changed decision',
    (headers) =>
      post({
        ...headers,
        [signatureHeaders.decision]: JSON.stringify({ ...decision, tier: 'nectar' }),
      }),
  ],
  ['another body', (headers) => post(headers, 'other')],
  [
    'an old one',
    async (headers, clock) => {
      await clock.advance(61_000)
      return post(headers)
    },
  ],
  ['a wrong key', (headers) => post({ ...headers, [signatureHeaders.key]: 'gateway-2' })],
])('%s is refused', async (_, tamper) => {
  const { clock, verify } = setUp()
  const headers = sealDecision(decision, { method: 'POST', url, body: 'hello' }, gateway, { clock })
  expect(await openDecision(await tamper(headers, clock), verify)).toEqual({ state: 'refused' })
})

test('a replayed decision is refused', async () => {
  const { clock, verify } = setUp()
  const headers = sealDecision(decision, { method: 'POST', url, body: 'hello' }, gateway, { clock })
  expect((await openDecision(post(headers), verify)).state).toBe('trusted')
  expect((await openDecision(post(headers), verify)).state).toBe('refused')
})

test('a signed header that is not a decision is refused', async () => {
  const { clock, verify } = setUp()
  const forms = ['', 'null', '{}', JSON.stringify({ ...decision, bypass: true, tokenAuth: false })]
  for (const json of forms) {
    const parts = { method: 'POST', url, body: 'hello', decision: json }
    const headers = signRequest(parts, gateway, { clock })
    expect((await openDecision(post(headers), verify)).state).toBe('refused')
  }
})

test.each<Partial<Decision>>([
  { authenticated: false },
  { kind: 'recognised' },
  { kind: 'anonymous', tokenAuth: false, authenticated: false, bypass: true },
  { kind: 'rejected', tokenAuth: false, authenticated: false },
  { referrerAuth: true },
  { status: 401 },
  { queueKey: null },
  { tier: 'gold' as 'seed' },
  { label: 'x'.repeat(600) },
])('a decision with %j contradicts itself', (change) => {
  expect(readDecision(JSON.stringify(decision))).toEqual(decision)
  expect(readDecision(JSON.stringify({ ...decision, ...change }))).toBeNull()
})

test('a rejection is a decision too', () => {
  const rejected = {
    ...decision,
    kind: 'rejected',
    reason: 'AUTH_UNAVAILABLE',
    authenticated: false,
    tokenAuth: false,
    tier: null,
    subject: null,
    queueKey: null,
    site: null,
    status: 503,
    retryAfterMs: 1000,
  }
  expect(readDecision(JSON.stringify(rejected))).toEqual(rejected)
})

test('reading never throws, for any text', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => readDecision(text) === null))
})
