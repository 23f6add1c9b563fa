import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test, describe } from 'vitest'
import { signedUrlExpiry, deadline, serverSkew } from './signed-url.ts'

describe('signedUrlExpiry', () => {
  interface ExpiryVector {
    name: string
    url: string
    expiresMs: number | null
  }

  const file = new URL('../../scripts/vectors/xet.json', import.meta.url)
  const vectors = (JSON.parse(readFileSync(file, 'utf8')) as { expiry: ExpiryVector[] }).expiry

  test.each(vectors)('$name', ({ url, expiresMs }) => {
    expect(signedUrlExpiry(url)).toBe(expiresMs)
  })

  const policy = (json: unknown): string =>
    btoa(JSON.stringify(json)).replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~')

  test.each([
    ['name in another case', 'expires=1795343400', null],
    ['undecodable value beside a valid one', 'Expires=%E0%A4&Expires=1795343400', 1795343400000],
    ['14 digits', 'Expires=17953434000000', null],
    ['text around a day', 'se=on2026-11-22', null],
    ['text before a signing date', 'X-Amz-Date=x20261122T103000Z&X-Amz-Expires=60', null],
    ['text after a signing date', 'X-Amz-Date=20261122T103000Zx&X-Amz-Expires=60', null],
    ['30 February', 'X-Amz-Date=20260230T103000Z&X-Amz-Expires=60', null],
    ['hour 24', 'se=2026-11-22T24:00Z', null],
    ['leap second', 'se=2026-11-22T23:59:60Z', null],
    ['lifetime of 8 digits', 'X-Goog-Date=20261122T103000Z&X-Goog-Expires=10000000', null],
    ['8 fraction digits', 'se=2026-11-22T10:30:00.12345678Z', null],
    ['minutes only', 'se=2026-11-22T10:30Z', 1795343400000],
    [
      'a plus is no space',
      `Policy=${policy({ Statement: [] })}+&Expires=1795343400`,
      1795343400000,
    ],
    ['policy whose number is a text', `Policy=${policy(epoch('1795343400'))}`, null],
    ['policy with a fraction', `Policy=${policy(epoch(1795343400.5))}`, null],
    ['policy in milliseconds', `Policy=${policy(epoch(1795343400456))}`, 1795343400456],
    ['policy of null', `Policy=${policy(null)}`, null],
  ])('%s', (_, query, expected) => {
    expect(signedUrlExpiry(`https://cdn.example/f?${query}`)).toBe(expected)
  })

  test('a URL that is not http(s) has no expiry', () => {
    expect(signedUrlExpiry('data:,?Expires=1795343400')).toBeNull()
  })

  function epoch(EpochTime: unknown): unknown {
    return { Statement: [null, { Condition: { DateLessThan: { EpochTime } } }] }
  }

  test('never throws, and never invents a time', () => {
    const name = fc.constantFrom('Expires', 'Policy', 'se', 'X-Amz-Date', 'X-Amz-Expires', 'x')
    const query = fc.array(fc.tuple(name, fc.string({ maxLength: 20 })), { maxLength: 5 })
    fc.assert(
      fc.property(query, (pairs) => {
        const url = `https://a.example/?${pairs.map((pair) => pair.join('=')).join('&')}`
        const expiry = signedUrlExpiry(url)
        expect(expiry === null || Number.isSafeInteger(expiry)).toBe(true)
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => signedUrlExpiry(text) === null))
  })
})

describe('serverSkew', () => {
  const noon = Date.UTC(2026, 10, 22, 12)
  const date = 'Sun, 22 Nov 2026 12:00:00 GMT'
  const amz = 'https://s3.example/k?X-Amz-Date=20261122T120000Z&X-Amz-Expires=60'
  const older = 'https://gcs.example/k?X-Goog-Date=20261122T110000Z&X-Goog-Expires=60'
  const other = 'https://cdn.example/k?X-Date=20261122T110000Z'
  const broken = 'https://s3.example/k?X-Amz-Date=20261322T110000Z'
  const expiresOnly = 'https://cdn.example/k?Expires=1795343400'

  test.each([
    ['no date at all', null, [], noon, 0],
    ['an expiry alone', null, [expiresOnly], noon, 0],
    ['the same clock, early in the second', date, [], noon + 10, 0],
    ['the same clock, late in the second', date, [], noon + 990, 0],
    ['local clock an hour behind', date, [], noon - 3_600_000, 3_600_450],
    ['local clock two hours ahead', date, [], noon + 7_200_000, -7_199_550],
    ['no Date: the newest signing date', null, [older, amz], noon - 3_600_000, 3_600_450],
    ['the same clock, at the last moment of the second', date, [], noon + 1100, 0],
    [
      'no Date: the newest signing date, given first',
      null,
      [amz, older],
      noon - 3_600_000,
      3_600_450,
    ],
    ['no Date: a signing date of Google', null, [older], noon - 7_200_000, 3_600_450],
    ['no Date, and dates that sign nothing', null, [other, broken], noon, 0],
    ['Date before signing dates', date, [older], noon, 0],
    ['a Date in another form', '2026-11-22T15:00:00Z', [amz], noon - 3_600_000, 3_600_450],
    ['an invalid Date', 'yesterday', [amz], noon - 3_600_000, 3_600_450],
  ])('%s', (_, date, urls, receivedAt, skew) => {
    expect(serverSkew({ date, urls, sentAt: receivedAt - 100, receivedAt })).toBe(
      // The middle of the interval that a date in whole seconds and a round trip of 100 ms allow, plus half the trip.
      skew === 0 ? 0 : skew + 100,
    )
  })

  test('the deadline is the earliest expiry', () => {
    expect(deadline([])).toBeNull()
    expect(deadline(['https://a.example/plain'])).toBeNull()
    expect(deadline([expiresOnly, 'https://a.example/plain', amz])).toBe(1795343400000)
    expect(deadline([amz, 'https://a.example/?Expires=1795300000'])).toBe(1795300000000)
  })
})
