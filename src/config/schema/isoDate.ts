import * as v from 'valibot'

const expected =
  'expected a date as 2027-01-31 (its first moment, UTC) or a time with its zone as 2027-01-31T12:00:00Z'
const shape = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** Engines take 30 February for 2 March, or do not; a time without zone means another moment on another machine. */
function isMoment(text: string): boolean {
  const [, year = '', month = '', day = ''] = shape.exec(text) ?? []
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return (
    !Number.isNaN(Date.parse(text)) &&
    date.getUTCMonth() + 1 === Number(month) &&
    date.getUTCDate() === Number(day)
  )
}

/** A moment; epoch milliseconds from here on. */
export const isoDate: v.GenericSchema<string, number> = v.pipe(
  v.string(expected),
  v.regex(shape, expected),
  v.check(isMoment, expected),
  v.transform((text) => Date.parse(text)),
)
