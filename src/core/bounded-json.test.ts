import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseBounded } from './bounded-json.ts'

describe('JSON of bounded work', () => {
  test('is parsed as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseBounded(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('what is broken is refused as JSON.parse refuses it', () => {
    for (const text of ['', '{', '"', '"\\', '["a\\"]', '[1,]', ']', '{"a":"\\"}']) {
      expect(() => parseBounded(text), text).toThrow(SyntaxError)
    }
  })

  test.each([
    ['brackets that are nested', '['.repeat(65) + ']'.repeat(65)],
    ['half a million brackets', '['.repeat(500_000)],
    ['many empty lists', `[${'[],'.repeat(50_000)}1]`],
    ['many members', `{${Array.from({ length: 50_001 }, (_, at) => `"${at}":1`).join()}}`],
  ])('%s are refused before they are parsed', (_, text) => {
    expect(() => parseBounded(text)).toThrow('at most 50000 values')
  })

  test('commas, brackets and escaped quotes within a text are no values', () => {
    const content = '[{,'.repeat(100_000) + '"\\'
    expect(parseBounded(JSON.stringify({ content }))).toEqual({ content })
  })
})
