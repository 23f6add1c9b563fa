import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { digestOf } from './digests.ts'
import { digestSet } from './digests.ts'
import { equalDigests } from './digests.ts'
import { onceEach } from './options.ts'

test('the digest of any text is its SHA-256', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })), (text) => {
      const { hex, bytes } = digestOf(text)
      expect(hex).toBe(createHash('sha256').update(text).digest('hex'))
      expect(Buffer.from(bytes).toString('hex')).toBe(hex)
    }),
  )
})

test('digests are equal when all 32 bytes are', () => {
  const { bytes } = digestOf('a')
  expect(equalDigests(bytes, bytes.slice())).toBe(true)
  for (let index = 0; index < 32; index++) {
    const other = bytes.slice()
    other[index]! ^= 0x80
    expect(equalDigests(bytes, other)).toBe(false)
  }
  expect(equalDigests(bytes, bytes.subarray(0, 31))).toBe(false)
  expect(equalDigests(new Uint8Array(0), new Uint8Array(0))).toBe(false)
  expect(equalDigests(new Uint8Array(33), new Uint8Array(32))).toBe(false)
})

test('a set knows its own digests only, the empty one none', () => {
  const known = digestSet([digestOf('a').hex, digestOf('b').hex.toUpperCase()])
  expect(['a', 'b', 'c', ''].map((text) => known(digestOf(text)))).toEqual([
    true,
    true,
    false,
    false,
  ])
  const zeros = { hex: '0'.repeat(64), bytes: new Uint8Array(32) }
  expect(known(zeros)).toBe(false)
  expect(digestSet([])(zeros)).toBe(false)
})

test('names are told once each, and a bounded number is remembered', () => {
  const told = vi.fn()
  const tell = onceEach(told, 2)
  for (const name of ['a', 'b', 'a', 'c', 'b', 'a']) tell(name)
  expect(told.mock.calls.flat()).toEqual(['a', 'b', 'c', 'a'])
})
