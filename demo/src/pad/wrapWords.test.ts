import { expect, it } from 'vitest'
import { wrapWords } from './wrapWords.ts'

const byLength = (text: string): number => text.length

it.each([
  ['', 10, []],
  ['  ', 10, []],
  ['one line', 10, ['one line']],
  ['two short lines', 10, ['two short', 'lines']],
  ['a\nb', 10, ['a', 'b']],
  ['unbreakable words', 4, ['unbreakable', 'words']],
])('breaks %j at %i', (words, width, lines) => {
  expect(wrapWords(words, width, byLength)).toEqual(lines)
})
