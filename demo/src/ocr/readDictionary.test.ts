import { expect, it } from 'vitest'
import { readDictionary } from './readDictionary.ts'

it.each([
  ['ends with a line break', 'a\nb\n'],
  ['ends without one', 'a\nb'],
  ['comes from Windows', 'a\r\nb\r\n'],
])('knows blank and space of a file that %s', (_, text) => {
  expect(readDictionary(text)).toEqual(['', 'a', 'b', ' '])
})

it('keeps invisible characters', () => {
  expect(readDictionary('\u3000\na')).toEqual(['', '\u3000', 'a', ' '])
})
