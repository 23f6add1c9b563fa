import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../net/testing/FakeClock.ts'
import { sha256Hex } from './digests.ts'
import { createTokenList, type ListedToken } from './token-validation.ts'

const seed = { sha256: sha256Hex('tokseed00'), sub: 'u1', tier: 'seed', keyId: 'k1' }
const nectar = { sha256: sha256Hex('toknectar').toUpperCase(), sub: 'u2', tier: 'nectar' }

test('listed tokens are valid with their listed values, others are invalid', async () => {
  const validate = createTokenList([seed, nectar])
  const ask = (token: string): Promise<unknown> => validate(token, sha256Hex(token))
  expect(await ask('tokseed00')).toEqual({ state: 'valid', sub: 'u1', tier: 'seed', keyId: 'k1' })
  expect(await ask('toknectar')).toEqual({ state: 'valid', sub: 'u2', tier: 'nectar' })
  expect(await ask('tokseed01')).toEqual({ state: 'invalid' })
  expect(await ask(seed.sha256)).toEqual({ state: 'invalid' })
  const near = seed.sha256.slice(0, 63) + (seed.sha256.endsWith('0') ? '1' : '0')
  expect(await validate('x', near)).toEqual({ state: 'invalid' })
  expect(await createTokenList([])('x', sha256Hex('x'))).toEqual({ state: 'invalid' })
})

test('a token expires at its time', async () => {
  const clock = new FakeClock(1000)
  const validate = createTokenList([{ ...seed, expiresAt: 2000 }], clock)
  await clock.advance(999)
  expect(await validate('', seed.sha256)).toMatchObject({ state: 'valid', expiresAt: 2000 })
  await clock.advance(1)
  expect(await validate('', seed.sha256)).toEqual({ state: 'invalid' })
})

const secret = 'mf_live_4hT9sVbQ2LrX7pWz'

test.each<[string, unknown[], RegExp]>([
  [
    'a token instead of its digest',
    [seed, { sha256: secret, sub: 'u3' }],
    /tokens\[1\] \(sub "u3"\) has a sha256 of 24 characters/,
  ],
  ['no digest', [{ sub: 'u3' }], /tokens\[0\] \(sub "u3"\) is wrong: sha256 is missing/],
  ['no user', [{ sha256: seed.sha256 }], /tokens\[0\] is wrong: sub is missing/],
  ['a line end', [{ ...seed, sub: 'u\n1' }], /tokens\[0\] is wrong: sub is not usable/],
  ['a token as user', [{ ...seed, sha256: 1, sub: secret }], /tokens\[0\] is wrong: sha256/],
  ['an odd end', [{ ...seed, expiresAt: 'tomorrow' }], /expiresAt is not usable \(string\)/],
  ['an unknown member', [{ ...seed, [secret]: 1 }], /an unknown member. Known are sha256, sub/],
  ['no entry', [null], /tokens\[0\] is wrong: the entry is not usable/],
  [
    'a repeated digest',
    [seed, nectar, { ...seed, sub: 'u7' }],
    /tokens\[2\] \(sub "u7"\) has the sha256 of tokens\[0\]/,
  ],
  [
    'a digest in the other case',
    [nectar, { ...nectar, sha256: sha256Hex('toknectar') }],
    /has the sha256 of tokens\[0\]/,
  ],
])('%s stops the start and is not shown', (_, tokens, message) => {
  const start = (): unknown => createTokenList(tokens as ListedToken[])
  expect(start).toThrow(message)
  expect(start).toThrow(expect.objectContaining({ code: 'configuration' }))
  expect(start).not.toThrow(/mf_l|sVbQ/)
})

test('a value that is not a list stops the start', () => {
  expect(() => createTokenList({} as ListedToken[])).toThrow(/The tokens are object/)
})

test('any list works or is a configuration error', () => {
  const entry = fc.record(
    { sha256: fc.anything(), sub: fc.anything(), tier: fc.anything(), expiresAt: fc.anything() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(entry), (tokens) => {
      try {
        createTokenList(tokens as ListedToken[])
      } catch (error) {
        expect(error).toMatchObject({ code: 'configuration' })
      }
    }),
  )
})
