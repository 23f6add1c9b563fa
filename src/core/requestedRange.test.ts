import { expect, test } from 'vitest'
import { requestedRange } from './byte-range.ts'

test.each([
  [null, 'whole'],
  ['bytes=0-0', { start: 0, end: 1 }],
  ['bytes=0-', { start: 0, end: 100 }],
  ['bytes=10-19', { start: 10, end: 20 }],
  ['Bytes = 10 - 19', { start: 10, end: 20 }],
  ['bytes=90-1000', { start: 90, end: 100 }],
  ['bytes=99-99', { start: 99, end: 100 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=100-100', 'unsatisfiable'],
  ['bytes=-1', { start: 99, end: 100 }],
  ['bytes=-1000', { start: 0, end: 100 }],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=-', 'whole'],
  ['bytes=5-2', 'whole'],
  ['bytes=0-1,4-5', 'whole'],
  ['items=0-1', 'whole'],
  ['bytes=a-b', 'whole'],
  ['', 'whole'],
] as const)('%s of 100 bytes', (header, expected) => {
  expect(requestedRange(header, 100)).toEqual(expected)
})

test('an empty file has no first byte', () => {
  expect(requestedRange('bytes=0-0', 0)).toBe('unsatisfiable')
  expect(requestedRange('bytes=-5', 0)).toBe('unsatisfiable')
  expect(requestedRange(undefined, 0)).toBe('whole')
})
