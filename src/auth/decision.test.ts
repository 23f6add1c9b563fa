import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CheckedCredential,
  decisionOf,
  type DecisionFacts,
  nameWithoutToken,
} from './decision.ts'

const digest = 'ab'.repeat(32)
const token = 'sk-secret-1'
const facts: DecisionFacts = {
  credential: { state: 'none' },
  frontend: null,
  network: 'ip:203.0.113.7',
  label: null,
  passTiers: new Set(),
}
const frontend = { host: 'app.example', reason: 'ALLOWLIST' } as const

const checked = (status: CheckedCredential['status']): CheckedCredential => ({
  state: 'checked',
  source: 'header:authorization',
  token,
  digest,
  status,
})
const valid = (more: object = {}): CheckedCredential =>
  checked({ state: 'valid', sub: 'u1', ...more })

describe('without a credential', () => {
  test('the network is the queue key, also for a known front end', () => {
    expect(decisionOf(facts)).toMatchObject({ kind: 'anonymous', queueKey: 'ip:203.0.113.7' })
    expect(decisionOf({ ...facts, frontend })).toMatchObject({
      kind: 'recognised',
      tier: 'recognised',
      referrerAuth: true,
      authenticated: false,
      queueKey: 'ip:203.0.113.7',
      site: 'app.example',
    })
  })

  test('no front end gets a bypass, whatever `passTiers` has', () => {
    const passTiers = new Set(['recognised', 'anonymous'])
    expect(decisionOf({ ...facts, frontend, passTiers }).bypass).toBe(false)
  })
})

describe('a credential decides alone', () => {
  test.each<[string, DecisionFacts['credential'], object]>([
    [
      'malformed',
      { state: 'malformed', source: 'query:token' },
      { status: 401, reason: 'MALFORMED_CREDENTIAL' },
    ],
    ['one of several', { state: 'several' }, { status: 400, reason: 'MULTIPLE_CREDENTIALS' }],
    ['invalid', checked({ state: 'invalid' }), { status: 401, reason: 'INVALID_TOKEN' }],
    [
      'not checkable',
      checked({ state: 'unavailable' }),
      { status: 503, reason: 'AUTH_UNAVAILABLE' },
    ],
  ])('one that is %s is rejected, also from a known front end', (_, credential, expected) => {
    expect(decisionOf({ ...facts, frontend, credential })).toMatchObject({
      kind: 'rejected',
      authenticated: false,
      tier: null,
      queueKey: null,
      site: null,
      ...expected,
    })
  })

  test('a valid one queues by its subject, a legacy one by its digest', () => {
    expect(decisionOf({ ...facts, frontend, credential: valid({ tier: 'nectar' }) })).toMatchObject(
      {
        kind: 'token',
        tier: 'nectar',
        queueKey: 'subject:u1',
        site: 'app.example',
        referrerAuth: false,
        keyId: 'abababab',
      },
    )
    expect(decisionOf({ ...facts, credential: checked({ state: 'legacy' }) })).toMatchObject({
      kind: 'legacy',
      tier: 'legacy',
      queueKey: 'legacy:abababababababab',
      subject: null,
    })
  })

  test('a tier that is missing is `seed`; one that is unknown has the lowest limits', () => {
    expect(decisionOf({ ...facts, credential: valid() }).tier).toBe('seed')
    const credential = valid({ tier: 'platinum' })
    expect(decisionOf({ ...facts, credential, passTiers: new Set(['platinum']) })).toMatchObject({
      tier: 'anonymous',
      bypass: false,
    })
  })

  test.each([
    [undefined, 1000],
    [0, 1000],
    [-5, 1000],
    [Infinity, 1000],
    [Number.NaN, 1000],
    [2500, 2500],
  ])('a retry after %s ms is one after %i ms', (retryAfterMs, expected) => {
    const credential = checked({
      state: 'unavailable',
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
    expect(decisionOf({ ...facts, credential }).retryAfterMs).toBe(expected)
  })
})

describe('nameWithoutToken', () => {
  test('replaces a name that contains the token', () => {
    expect(nameWithoutToken(`key:${token}`, token, digest)).toBe('sha256:abababababababab')
    expect(nameWithoutToken('key:u1', token, digest)).toBe('key:u1')
    // Too short for a secret, and part of many names.
    expect(nameWithoutToken('user1', 'user', digest)).toBe('user1')
  })

  test('keeps the token out of the whole decision', () => {
    const name = fc.oneof(
      fc.string(),
      fc.tuple(fc.string(), fc.string()).map((around) => around.join(token)),
    )
    fc.assert(
      fc.property(name, name, name, (sub, keyId, scope) => {
        const decision = decisionOf({ ...facts, credential: valid({ sub, keyId, scope: [scope] }) })
        expect(JSON.stringify(decision)).not.toContain(token)
      }),
    )
  })
})
