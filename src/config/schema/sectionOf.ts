import * as v from 'valibot'

/**
 * An object with these entries and no others; lists are no objects.
 *
 * @example sectionOf({ percent: v.optional(wholeNumber(0, 100), 100) })
 */
export function sectionOf<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.GenericSchema<unknown, v.InferOutput<v.StrictObjectSchema<Entries, undefined>>> {
  return v.pipe(
    v.custom<object>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'expected an object',
    ),
    v.strictObject(entries, ({ expected }) =>
      expected === 'never'
        ? `there is no such entry; known are ${Object.keys(entries).join(', ')}`
        : 'it must be given',
    ),
  )
}
