import * as v from 'valibot'

/** A whole number from one bound to the other, both included. */
export function wholeNumber(min: number, max: number): v.GenericSchema<number> {
  const expected = `expected a whole number from ${min} to ${max}`
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  )
}
