import fc from 'fast-check'
import { expect, test } from 'vitest'
import { introspectionOf } from '../service/introspect-endpoint.ts'
import type { Verdict } from '../verdict.ts'
import { readIntrospection } from './introspection.ts'

const bytes = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json))

test('reads what the endpoint writes', () => {
  const verdict: Verdict = {
    state: 'valid',
    sub: 'u1',
    tier: 'seed',
    username: 'Ada Ä',
    scope: ['a', 'b'],
    keyId: 'k1',
    expiresAt: 90_000,
  }
  expect(readIntrospection(bytes(introspectionOf(verdict, 1000, 60_000)))).toEqual({
    verdict: { ...verdict, maxAgeMs: 60_000 },
  })
  expect(readIntrospection(bytes(introspectionOf({ state: 'invalid' }, 0, 0)))).toEqual({
    verdict: { state: 'invalid' },
  })
})

test('a token may have more than 100 scopes', () => {
  const scope = Array.from({ length: 1000 }, (_, index) => `write:me/model-${index}`)
  const verdict: Verdict = { state: 'valid', sub: 'u1', scope }
  const read = readIntrospection(bytes(introspectionOf(verdict, 1000, 60_000)))
  expect(read).toMatchObject({ verdict: { state: 'valid', scope } })
})

test('nulls and unknown members do no harm', () => {
  const said = { active: true, sub: 'u1', tier: null, username: null, exp: null, more: {} }
  expect(readIntrospection(bytes(said))).toEqual({ verdict: { state: 'valid', sub: 'u1' } })
})

test.each([
  [{}, 'active'],
  [null, 'the answer itself'],
  [[], 'active'],
  [{ active: 'true', sub: 'u1' }, 'active'],
  [{ active: 1 }, 'active'],
  [{ active: true }, 'sub'],
  [{ active: true, sub: '' }, 'sub'],
  [{ active: true, sub: 'u1\r\nx' }, 'sub'],
  [{ active: true, sub: 'u1', tier: 5 }, 'tier'],
  [{ active: true, sub: 'u1', scope: 'read write' }, 'scope'],
  [{ active: true, sub: 'u1', exp: -1 }, 'exp'],
  [{ active: true, sub: 'u1', cacheTtl: '60' }, 'cacheTtl'],
])('%j does not follow the protocol', (json, field) => {
  expect(readIntrospection(bytes(json))).toEqual({ fault: `${field} is not what it should be` })
})

test('no bytes make it throw', () => {
  fc.assert(fc.property(fc.uint8Array(), (body) => typeof readIntrospection(body) === 'object'))
  fc.assert(fc.property(fc.json(), (text) => 'fault' in readIntrospection(bytes(text))))
})
