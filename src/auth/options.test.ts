import { expect, test, vi } from 'vitest'
import { onceEach, type AuthOptions } from './options.ts'
import { createAuth } from './auth.ts'
import { legacyHashes, sha256Hex } from './digests.ts'

const hash = 'a'.repeat(64)

test.each([
  [{ validate: 'x' }, 'validate'],
  [{ validate: null }, 'validate'],
  [{ legacyTokens: 'x', legacyExpiresAt: 1 }, 'legacyTokens'],
  [{ legacyTokens: [hash, 'secret'], legacyExpiresAt: 1 }, 'legacyTokens[1] has 6 characters'],
  [{ legacyTokens: [hash] }, 'legacyExpiresAt is missing'],
  [{ legacyTokens: [hash], legacyExpiresAt: Number.NaN }, 'legacyExpiresAt'],
  [{ legacyExpiresAt: '2027-01-01' }, 'legacyExpiresAt'],
  [{ allowedHosts: 'app.example,a b' }, '"a b"'],
  [{ allowedHosts: ['app.example', 7] }, 'allowedHosts'],
  [{ allowedHosts: null }, 'allowedHosts is of type null'],
  [{ allowedHosts: '*.github.io', isPublicSuffix: () => true }, '"*.github.io"'],
  [{ registeredHosts: ['*.app.example'] }, '"*.app.example"'],
  [{ registeredHosts: [''] }, 'registeredHosts has ""'],
  [{ registeredHosts: 'app.example' }, 'registeredHosts'],
  [{ trustedProxies: ['10.0.0.0/8', '10.0.0/8'] }, '"10.0.0/8"'],
  [{ trustedProxies: '10.0.0.0/8' }, 'trustedProxies'],
  [{ forwardedHeader: 'x forwarded' }, 'forwardedHeader'],
  [{ forwardedHeader: '' }, 'forwardedHeader'],
  [{ ipv6Prefix: 31 }, 'ipv6Prefix'],
  [{ ipv6Prefix: 129 }, 'ipv6Prefix'],
  [{ ipv6Prefix: 64.5 }, 'ipv6Prefix'],
  [{ ipv6Prefix: '64' }, 'ipv6Prefix'],
  [{ allowQueryToken: 'false' }, 'allowQueryToken'],
  [{ allowBodyToken: 0 }, 'allowBodyToken'],
  [{ passTiers: ['nectar', 'platinum'] }, '"platinum"'],
  [{ passTiers: ['anonymous'] }, '"anonymous"'],
  [{ passTiers: 'nectar' }, 'passTiers'],
  [{ isPublicSuffix: true }, 'isPublicSuffix'],
  [{ onQueryToken: {} }, 'onQueryToken'],
  [{ onUnknownTier: {} }, 'onUnknownTier'],
])('%j is refused at start', (options, named) => {
  expect(() => createAuth(options as AuthOptions)).toThrow(
    expect.objectContaining({
      code: 'configuration',
      message: expect.stringContaining(named),
    }),
  )
})

test('a value that may be an unhashed token is not shown in the error', () => {
  const options = { legacyTokens: ['secret-token'], legacyExpiresAt: 1 }
  expect(() => createAuth(options)).toThrow(/^(?!.*secret-token)/)
})

test('every option may be left out', () => {
  expect(() => createAuth()).not.toThrow()
  expect(() => createAuth({})).not.toThrow()
})

test('legacy values become hashes, each once', () => {
  expect(legacyHashes(['legacy-01', 'tok.e-d_g~e/p+l=', 'legacy-01'])).toEqual([
    sha256Hex('legacy-01'),
    sha256Hex('tok.e-d_g~e/p+l='),
  ])
  expect(sha256Hex('legacy-01').slice(0, 16)).toBe('ca7ddcaf78c75034')
})

test.each(['app.example', 'LOCALHOST', 'localhost.', 'a.b'])(
  'the host name %s is refused as a legacy token unless allowHostNames is set',
  (value) => {
    const wrong = { code: 'configuration', message: expect.stringContaining('Legacy token 2 of 2') }
    expect(() => legacyHashes(['legacy-01', value])).toThrow(expect.objectContaining(wrong))
    expect(() => legacyHashes(['legacy-01', value])).toThrow(/^(?!.*a\.b|.*app\.example)/)
    expect(legacyHashes([value], { allowHostNames: true })).toEqual([sha256Hex(value)])
  },
)

test.each(['', 'a b', 'ü', 'x'.repeat(513)])('no request can carry %j', (value) => {
  expect(() => legacyHashes([value], { allowHostNames: true })).toThrow(/Legacy token 1 of 1/)
})

test('each name is reported once, and the number of remembered names is bounded', () => {
  const told = vi.fn()
  const tell = onceEach(told, 2)
  for (const name of ['a', 'b', 'a', 'c', 'b', 'a']) tell(name)
  expect(told.mock.calls.flat()).toEqual(['a', 'b', 'c', 'a'])
})
