import type * as v from 'valibot'
import { textLike } from './textLike.ts'

/** Names a key in headers and logs. */
export const keyId: v.GenericSchema<string> = textLike(
  /^[\w.-]{1,64}$/,
  '1 to 64 letters, digits, dots, hyphens and underscores',
)
