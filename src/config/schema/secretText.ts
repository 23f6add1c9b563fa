import * as v from 'valibot'
import { sectionOf } from './sectionOf.ts'
import { textLike } from './textLike.ts'

const reference = v.pipe(
  sectionOf({ $env: textLike(/^[A-Za-z_]\w*$/, 'the name of a variable of the process') }),
  // What it refers to is put in its place before the configuration is made; a file alone is only checked.
  v.transform((): string => ''),
)

/**
 * A text that should not be in a file: itself, or `{ "$env": "NAME" }`.
 *
 * @param length characters that it has at least
 */
export function secretText(length: number): v.GenericSchema<unknown, string> {
  const expected = `expected a text of at least ${length} characters, or { "$env": "NAME" }`
  return v.union([v.pipe(v.string(), v.minLength(length, expected)), reference], expected)
}
