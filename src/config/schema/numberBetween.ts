import * as v from 'valibot'

/** A number from one bound to the other, both included. */
export function numberBetween(min: number, max: number): v.GenericSchema<number> {
  const expected = `expected a number from ${min} to ${max}`
  return v.pipe(v.number(expected), v.minValue(min, expected), v.maxValue(max, expected))
}
