import * as v from 'valibot'
import { textLike } from './textLike.ts'

/** SHA-256 of a token; lower-case from here on. */
export const digest: v.GenericSchema<string> = v.pipe(
  textLike(/^[0-9a-f]{64}$/i, 'the SHA-256 of a token, 64 hex digits (never the token itself)'),
  v.toLowerCase(),
)
