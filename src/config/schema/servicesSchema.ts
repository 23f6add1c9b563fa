import * as v from 'valibot'
import type { ServiceConfig } from '../ServiceConfig.ts'
import { httpUrl } from './httpUrl.ts'
import { sectionOf } from './sectionOf.ts'
import { serviceKey } from './serviceKey.ts'
import { serviceName } from './serviceName.ts'
import { textLike } from './textLike.ts'
import { wholeNumber } from './wholeNumber.ts'

const cost = sectionOf({
  path: textLike(
    /^[/*][!$-;=@-~]*$/,
    'a path that begins with / or *, in which * stands for anything',
  ),
  method: v.exactOptional(textLike(/^[A-Z]{1,20}$/, 'a method in capitals, as GET')),
  cost: wholeNumber(0, 100),
})

const service = sectionOf({
  name: serviceName,
  path: textLike(
    /^\/(?:(?!\.{1,2}\/)[\w.~-]+\/)*$/,
    'a path that begins and ends with a slash, as / or /v1/text/, of letters, digits and . _ ~ -',
  ),
  upstream: v.exactOptional(httpUrl),
  credential: v.exactOptional(serviceKey),
  costs: v.optional(v.array(cost, 'expected a list'), []),
  timeoutSeconds: v.optional(wholeNumber(1, 3600), 120),
})

/** What stands behind the gateway. */
export const servicesSchema: v.GenericSchema<unknown, readonly ServiceConfig[]> = v.array(
  service,
  'expected a list',
)
