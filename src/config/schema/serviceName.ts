import type * as v from 'valibot'
import { textLike } from './textLike.ts'

/** Names a service in logs. */
export const serviceName: v.GenericSchema<string> = textLike(
  /^[a-z0-9][a-z0-9-]{0,31}$/,
  '1 to 32 small letters, digits and hyphens',
)
