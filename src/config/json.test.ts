import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { parseJson } from './json.ts'

test.each<[text: string, line: number, column: number, why: string]>([
  ['', 1, 1, 'expected a value'],
  ['{ "realm": }', 1, 12, 'expected a value'],
  ['{\n  "a": 1,\n}', 3, 1, 'expected a name in double quotes'],
  ['{\r\n  a: 1 }', 2, 3, 'expected a name in double quotes or }'],
  ['{ "a" 1 }', 1, 7, 'expected :'],
  ['[1 2]', 1, 4, 'expected , or ]'],
  ['{"a":1 "b":2}', 1, 8, 'expected , or }'],
  ['[1]]', 1, 4, 'expected the end of the text'],
  ['[1}', 1, 3, 'expected , or ]'],
  ['[1,]', 1, 4, 'expected a value'],
  ['// no comments\n{}', 1, 1, 'expected a value'],
  ['{"a": "unfinished', 1, 7, 'expected a value'],
  ['[01]', 1, 2, 'expected a value'],
  ['[truex]', 1, 2, 'expected a value'],
  ['{"a": {"b": 1}, "c": [{"b": 1}], "a": 2}', 1, 34, 'the name "a" appears twice'],
])('the position of a fault: %j', (text, line, column, why) => {
  const error = failure(text)
  expect(error.code).toBe('configuration')
  expect(error.message).toContain(`gateway.json, line ${line}, column ${column}: `)
  expect(error.message).toContain(why)
})

test('an error quotes nothing of the file', () => {
  expect(failure('{ "secret": "s3cr3t" "s3cr3t" }').message).not.toContain('s3cr3t')
  expect(failure('s3cr3t').message).not.toContain('s3cr3t')
})

test('a byte order mark and any depth are accepted', () => {
  expect(parseJson('\uFEFF{"a": [1, {"b": null}]}', 'x')).toEqual({ a: [1, { b: null }] })
  const depth = 50_000
  expect(parseJson('['.repeat(depth) + ']'.repeat(depth), 'x')).toHaveLength(1)
})

test('a long unterminated text is scanned once', () => {
  expect(failure(`"${'a\\n'.repeat(1_000_000)}`).message).toContain('line 1, column 1')
})

function failure(text: string): FerryError {
  try {
    parseJson(text, 'gateway.json')
  } catch (error) {
    expect(error).toBeInstanceOf(FerryError)
    return error as FerryError
  }
  throw new Error('expected an error')
}
