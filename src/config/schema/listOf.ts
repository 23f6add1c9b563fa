import * as v from 'valibot'

/**
 * A list of texts, or one text with commas between them. Blanks around an item, empty items and repeats are dropped:
 * an empty item must never come to mean "everything".
 *
 * @param empty what counts as an empty item
 */
export function listOf<Item extends string>(
  item: v.GenericSchema<string, Item>,
  empty: RegExp = /^$/,
): v.GenericSchema<unknown, readonly Item[]> {
  return v.pipe(
    v.custom<string | readonly unknown[]>(
      (value) => typeof value === 'string' || Array.isArray(value),
      'expected a list of texts, or one text with commas',
    ),
    v.transform((value) => {
      const items = typeof value === 'string' ? value.split(',') : value
      return items
        .map((text) => (typeof text === 'string' ? text.trim() : text))
        .filter((text) => typeof text !== 'string' || !empty.test(text))
    }),
    v.array(v.pipe(v.unknown(), v.string('expected a text'), item)),
    v.transform((items) => [...new Set(items)]),
  )
}
