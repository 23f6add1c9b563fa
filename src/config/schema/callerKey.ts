import * as v from 'valibot'
import type { CallerKey } from '../ServiceConfig.ts'
import { keyId } from './keyId.ts'
import { secretText } from './secretText.ts'
import { sectionOf } from './sectionOf.ts'
import { serviceName } from './serviceName.ts'

/** What somebody signs with who calls this gateway. */
export const callerKey: v.GenericSchema<unknown, CallerKey> = sectionOf({
  keyId,
  secret: secretText(32),
  service: v.exactOptional(serviceName),
})
