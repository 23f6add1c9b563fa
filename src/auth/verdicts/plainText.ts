import * as v from 'valibot'

/** A name that may stand in keys, headers and logs: 1 to 256 visible characters and blanks, no line ends. */
export const plainText: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u),
)
