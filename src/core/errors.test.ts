import fc from 'fast-check'
import { FerryError, redactSecrets } from './errors.ts'
import { describe, expect, test } from 'vitest'

describe('FerryError', () => {
  test('recognises its own instances and those of another copy of the class, and nothing else', () => {
    const foreign = Object.assign(new Error('lost'), { name: 'FerryError', code: 'network' })
    for (const error of [new FerryError('network', 'lost'), foreign])
      expect(error instanceof FerryError).toBe(true)
    const others = [
      undefined,
      'FerryError',
      { name: 'FerryError', code: 'network' },
      new Error('x'),
    ]
    for (const other of [...others, new TypeError('lost')])
      expect(other instanceof FerryError).toBe(false)
  })
})

describe('redactSecrets', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/'

  /** A token of RFC 6750 that does not occur in the surrounding text by chance. */
  const token = fc
    .tuple(
      fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength: 1, maxLength: 60 }),
      fc.constantFrom('', '=', '=='),
    )
    .map(([body, padding]) => `zQ9${body}Zq7${padding}`)

  /** Without the ends of tokens, which are searched for: a string may be biased towards other values of its run. */
  const around = fc.string({ maxLength: 20 }).filter((text) => !/zQ9|Zq7/.test(text))
  const names = fc.constantFrom(
    'access_token',
    'api_key',
    'apikey',
    'key',
    'token',
    'TOKEN',
    't%6Fken',
    'token[]',
    'Signature',
    'X-Amz-Signature',
    'X-Amz-Security-Token',
    'sig',
  )

  /** Texts with a secret, by the place of the secret. */
  const places: Record<string, (secret: string, name: string) => string> = {
    'a query': (secret, name) => `https://hub.example/x?a=1&${name}=${secret}&b=2`,
    'an encoded query': (secret, name) =>
      `https://hub.example/x?${name}=${encodeURIComponent(secret)}`,
    'an address in a query': (secret, name) =>
      `/x?next=${encodeURIComponent(`https://hub.example/?a=1&${name}=${secret}`)}`,
    'an address in an address in a query': (secret, name) =>
      `/x?next=${encodeURIComponent(`/y?next=${encodeURIComponent(`/z?a=b&${name}=${secret}`)}`)}`,
    'a fragment': (secret, name) => `https://hub.example/x#${name}=${secret}`,
    'a form': (secret, name) => `${name}=${secret}`,
    'a value of a value': (secret, name) => `?a=${name}=${secret}`,
    'a quoted value': (secret, name) => `${name}="${secret}"`,
    'an Authorization header': (secret) => `Authorization: Bearer ${secret}`,
    'one of another scheme': (secret) => `authorization:Basic ${secret}`,
    'one without a scheme': (secret) => `authorization: ${secret}`,
    'headers as JSON': (secret) => `{"authorization":"Bearer ${secret}","a":1}`,
    'the other header': (secret) => `x-pollinations-token: ${secret}`,
    'a credential': (secret) => `sent BEARER  ${secret}, which is wrong`,
    'an encoded credential': (secret) => `?a=Bearer%20${secret}`,
    'a body of JSON': (secret) => `{"token": "${secret}"}`,
    'JSON with a signature': (secret) => `{"signature":"${secret}","credential":"${secret}"}`,
    'an object as Node prints it': (secret) => `{ token: '${secret}', sig: '${secret}' }`,
    'the header of an API key': (secret) => `x-api-key:${secret}`,
    'a name with a prefix': (secret) => `hf_token: ${secret}`,
    'a credential in quotes': (secret) => `Bearer "${secret}"`,
    'a credential that is encoded twice': (secret) => `?a=Bearer%2520${secret}`,
    'JSON in JSON': (secret) => JSON.stringify(JSON.stringify({ access_token: secret })),
  }

  describe('no token survives in', () => {
    test.each(Object.entries(places))('%s', (_, place) => {
      fc.assert(
        fc.property(token, names, around, around, (secret, name, before, after) => {
          const shown = redactSecrets(`${before} ${place(secret, name)} ${after}`)
          expect(shown).not.toContain('zQ9')
          expect(shown).not.toContain('Zq7')
          expect(shown).toContain('[redacted]')
        }),
      )
    })

    test('user and password of an address', () => {
      fc.assert(
        fc.property(token, token, around, (user, password, after) => {
          const [name, word] = [encodeURIComponent(user), encodeURIComponent(password)]
          const shown = redactSecrets(`see https://${name}:${word}@hub.example/x ${after}`)
          expect(shown).toContain('see https://[redacted]@hub.example/x ')
          expect(shown).not.toContain('Zq7')
        }),
      )
    })
  })

  test.each([
    ['GET /x?a=1&token=t&b=2 HTTP/1.1', 'GET /x?a=1&token=[redacted]&b=2 HTTP/1.1'],
    ['https://me:p%40w@hub.example/@scope/x', 'https://[redacted]@hub.example/@scope/x'],
    ['Referer: https://evil.test/?token=legacy-01', 'Referer: https://evil.test/?token=[redacted]'],
    ['Authorization: Bearer a b, c\nHost: d', 'Authorization: [redacted]\nHost: d'],
    ["token='it''s", "token=[redacted]''s"],
  ])('hides %s', (text, shown) => {
    expect(redactSecrets(text)).toBe(shown)
  })

  test.each([
    '',
    'Nothing to hide: token, key and signature are words.',
    'The token: it is missing. The key: none. A monkey: two.',
    'https://hub.example/npm/@scope/x@1.2.3?revision=main&tokens=3#part',
    '?token=&key',
    'mail me@hub.example',
  ])('leaves %j alone', (text) => {
    expect(redactSecrets(text)).toBe(text)
  })

  test('accepts any text, and does not change redacted text', () => {
    const pieces = fc.constantFrom(
      'token',
      '=',
      '%3D',
      '"',
      '\\',
      ':',
      ' ',
      '//',
      '@',
      'bearer',
      '&',
    )
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: pieces }))
    fc.assert(
      fc.property(text, (given) => {
        const shown = redactSecrets(given)
        expect(redactSecrets(shown)).toBe(shown)
      }),
    )
  })

  test.each(['a', '//', 'token', 'bearer ', 'token=', '%25', 'key[', '"token":"\\', '-token: '])(
    'takes time in proportion to the length: %j repeated',
    (piece) => {
      expect(redactSecrets(piece.repeat(1_000_000 / piece.length)).length).toBeGreaterThan(0)
    },
    5000,
  )

  test('accepts a value of millions of escapes, with and without an end', () => {
    const value = '\\x'.repeat(5_000_000)
    expect(redactSecrets(`{"token":"${value}","a":1}`)).toBe('{"token":"[redacted]","a":1}')
    expect(redactSecrets(`{"token":"${value}`)).toBe('{"token":"[redacted]')
  })
})
