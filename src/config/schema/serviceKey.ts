import type * as v from 'valibot'
import type { ServiceKey } from '../ServiceConfig.ts'
import { keyId } from './keyId.ts'
import { secretText } from './secretText.ts'
import { sectionOf } from './sectionOf.ts'

/** What a service signs with. */
export const serviceKey: v.GenericSchema<unknown, ServiceKey> = sectionOf({
  keyId,
  secret: secretText(32),
})
