import * as v from 'valibot'

const label = '[a-z0-9_-]{1,63}'

/**
 * The host of a front end; lower-case and without a dot at its end from here on. Whether it is a public suffix is not
 * asked here: the list of them is the authentication's, which asks when it is made.
 *
 * @param wildcard whether `*.` may stand before it
 */
export function hostName(wildcard: boolean): v.GenericSchema<string> {
  const expected = `expected a host as app.example${wildcard ? ' or *.app.example' : ''}, without scheme, port, path and blanks`
  const shape = new RegExp(
    `^${wildcard ? String.raw`(?:\*\.)?` : ''}${label}(?:\\.${label})*\\.?$`,
    'i',
  )
  return v.pipe(
    v.string(expected),
    v.regex(shape, expected),
    v.maxLength(256, expected),
    v.transform((text) => text.toLowerCase().replace(/\.$/, '')),
  )
}
