import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { bearerTest, digestSet, equalTexts, sha256Hex } from './digests.ts'

test('the digest of a text is the SHA-256 of its UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })), (text) => {
      const hex = createHash('sha256').update(text).digest('hex')
      expect(sha256Hex(text)).toBe(hex)
      expect(sha256Hex(new TextEncoder().encode(text))).toBe(hex)
    }),
  )
  const long = 'x'.repeat(5000)
  expect(sha256Hex(long)).toBe(createHash('sha256').update(long).digest('hex'))
})

test('texts are equal when all characters are', () => {
  const digest = sha256Hex('a')
  expect(equalTexts(digest, sha256Hex('a'))).toBe(true)
  for (let index = 0; index < digest.length; index++) {
    const other = `${digest.slice(0, index)}x${digest.slice(index + 1)}`
    expect(equalTexts(digest, other)).toBe(false)
  }
  expect(equalTexts(digest, digest.slice(1))).toBe(false)
  expect(equalTexts(digest, '')).toBe(false)
  const text = fc.string({ maxLength: 4 })
  fc.assert(fc.property(text, text, (a, b) => equalTexts(a, b) === (a === b)))
})

test('a set contains only its own digests, and an empty set contains none', () => {
  const contains = digestSet([sha256Hex('a'), sha256Hex('b').toUpperCase()])
  const results = ['a', 'b', 'c', ''].map((text) => contains(sha256Hex(text)))
  expect(results).toEqual([true, true, false, false])
  const zeros = '0'.repeat(64)
  expect(contains(zeros)).toBe(false)
  expect(digestSet([])(zeros)).toBe(false)
})

test.each([
  ['Bearer good', true],
  ['bearer  good', true],
  ['Bearer other', false],
  ['Basic good', false],
  ['good', false],
  ['Bearer good, Bearer good', false],
  [undefined, false],
])('a request with %j has one of the tokens: %s', (authorization, expected) => {
  const headers = new Headers(authorization === undefined ? {} : { authorization })
  expect(bearerTest([sha256Hex('good')])(headers)).toBe(expected)
})
