import { expect, test } from 'vitest'
import { xorbExtent } from './proof.ts'

test.each([
  ['all of it', 0, 3, 100, 100, 'whole'],
  ['all of it, with a footer', 0, 3, 100, 100 + 96 + 120, 'whole'],
  ['not its beginning', 1, 3, 100, 100, 'part'],
  ['not its end', 0, 3, 100, 130, 'part'],
  ['a footer for another number of chunks', 0, 3, 100, 100 + 96 + 160, 'part'],
  ['its beginning, and who knows', 0, 3, 100, undefined, 'unknown'],
  ['not its beginning, and who knows', 2, 3, 100, undefined, 'part'],
] as const)('%s', (_, start, end, bytes, total, expected) => {
  expect(xorbExtent({ start, end }, bytes, total)).toBe(expected)
})
