import { expect, it } from 'vitest'
import { formatBytes } from './formatBytes.ts'

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [26_249, '26 kB'],
  [10_822_323, '10.8 MB'],
  [261_363_360, '261 MB'],
])('says %i bytes as %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words.replace(' ', '\u00A0'))
})
