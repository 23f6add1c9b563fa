import * as v from 'valibot'

const expected =
  'expected an http or https URL without user, query and fragment, as https://host/path'

/** Loses a slash at its end, so that paths can be put behind it. */
export const httpUrl: v.GenericSchema<string> = v.pipe(
  v.string(expected),
  v.check((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    return (
      /^https?:\/\/[^\s?#@\\]+$/i.test(text) &&
      url !== undefined &&
      `${url.username}${url.password}${url.search}${url.hash}` === ''
    )
  }, expected),
  v.transform((text) => text.replace(/\/+$/, '')),
)
