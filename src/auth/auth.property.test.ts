import fc from 'fast-check'
import file from '../../scripts/vectors/auth-cases.json'
import { expect, test } from 'vitest'
import type { AuthVectorConfig } from '../../scripts/vectors/auth/AuthVectorConfig.ts'
import type { AuthVectorRequest } from '../../scripts/vectors/auth/AuthVectorRequest.ts'
import { authOptionsOf } from '../../scripts/vectors/auth/authOptionsOf.ts'
import { authRequestOf } from '../../scripts/vectors/auth/authRequestOf.ts'
import { credentialTexts } from '../../scripts/vectors/auth/credentialTexts.ts'
import { invariantProblems } from '../../scripts/vectors/auth/invariantProblems.ts'
import { createAuth } from './auth.ts'
import type { Decision } from './decision.ts'

const config = { ...(file.config as Partial<AuthVectorConfig>), allowBodyToken: true }
const auth = createAuth(authOptionsOf(config))

const texts = [
  'tokseed00',
  'toknectar',
  'legacy-01',
  'nope',
  'Bearer tokseed00',
  'Bearer toknectar',
  'bearer  legacy-68',
  'Bearer',
  'Basic x',
  'https://app.example',
  'https://registered.example/',
  'app.example',
  'null',
  '10.0.0.5',
  '198.51.100.9, 10.0.0.8',
  '2001:db8::1',
  'application/json',
  '{"token":"tokseed00"}',
]
const bytes = fc.uint8Array({ maxLength: 40 }).map((data) => String.fromCharCode(...data))
const text = fc.oneof(fc.constantFrom(...texts), bytes, fc.string({ unit: 'binary' }))
const name = fc.constantFrom(
  'authorization',
  'x-pollinations-token',
  'origin',
  'referer',
  'x-forwarded-for',
  'content-type',
  'x-app-id',
)
const query = fc.array(fc.tuple(fc.constantFrom('token', 'referrer', 'referer'), text), {
  maxLength: 3,
})
const request: fc.Arbitrary<AuthVectorRequest> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  url: fc.oneof(
    query.map((items) => `https://api.example/?${new URLSearchParams(items).toString()}`),
    text,
    text.map((tail) => `https://api.example/?t%6Fken=${tail}`),
  ),
  headers: fc.array(fc.tuple(name, text), { maxLength: 5 }),
  body: text,
  peer: fc.oneof(fc.constantFrom('203.0.113.7', '10.0.0.5', 'fd12:3456:789a::1'), text),
})

const decide = (from: AuthVectorRequest): Promise<Decision> =>
  auth.decide(
    authRequestOf(from, () => undefined),
    { peer: from.peer },
  )

test('any request text gets a decision that keeps all invariants, and the same decision the second time', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (from) => {
      const decision = await decide(from)
      const secrets = [...config.legacyTokens!, ...credentialTexts(from)]
      expect(invariantProblems(decision, secrets)).toEqual([])
      expect(await decide(from)).toEqual(decision)
    }),
    { numRuns: 2000 },
  )
})

const ranks: readonly Decision['tier'][] = [
  null,
  'anonymous',
  'recognised',
  'seed',
  'flower',
  'nectar',
  'legacy',
]
const forgeable = fc.array(
  fc.tuple(
    fc.constantFrom(
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-forwarded-server',
      'forwarded',
      'x-real-ip',
      'cf-connecting-ip',
      'x-app-id',
      'referrer',
    ),
    text,
  ),
  { minLength: 1, maxLength: 4 },
)

test('no forwarded header and no label raises a tier or grants a bypass', async () => {
  const label = fc.tuple(fc.constantFrom('referrer', 'referer'), text)
  await fc.assert(
    fc.asyncProperty(request, forgeable, label, async (from, lines, [parameter, value]) => {
      fc.pre(URL.canParse(from.url))
      const url = new URL(from.url)
      url.searchParams.append(parameter, value)
      const before = await decide(from)
      const after = await decide({ ...from, url: url.href, headers: [...from.headers, ...lines] })
      expect(after.bypass).toBe(before.bypass)
      expect(ranks.indexOf(after.tier)).toBe(ranks.indexOf(before.tier))
      expect(after.kind).toBe(before.kind)
    }),
    { numRuns: 1000 },
  )
})

test('the origin of the page does not change the queue key', async () => {
  const origin = fc.oneof(fc.constantFrom(...file.config.allowedHosts), fc.domain())
  await fc.assert(
    fc.asyncProperty(origin, async (host) => {
      const headers: [string, string][] = [['origin', `https://${host.replace('*', 'w')}`]]
      const from = { method: 'GET', url: 'https://api.example/', headers, peer: '203.0.113.7' }
      expect(await decide(from)).toMatchObject({ queueKey: 'ip:203.0.113.7', bypass: false })
    }),
  )
})
