import { expect, test } from 'vitest'
import { crc32 } from './journal.ts'

test.for([
  ['', 0],
  ['123456789', 0xcbf43926],
  ['a', 0xe8b7be43],
] as const)('%j has the published sum', ([text, sum]) => {
  expect(crc32(new TextEncoder().encode(text))).toBe(sum)
})
