import * as v from 'valibot'

/**
 * Text that fits a pattern.
 *
 * @param expected what it should be, for the message: `64 hex digits`
 */
export function textLike(pattern: RegExp, expected: string): v.GenericSchema<string> {
  return v.pipe(v.string(`expected ${expected}`), v.regex(pattern, `expected ${expected}`))
}
