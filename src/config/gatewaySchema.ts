import * as v from 'valibot'
import type { LogEvent } from '../log/LogLine.ts'
import type { GatewayConfig } from './GatewayConfig.ts'
import { authSchema } from './schema/authSchema.ts'
import { callerKey } from './schema/callerKey.ts'
import { digest } from './schema/digest.ts'
import { httpUrl } from './schema/httpUrl.ts'
import { listOf } from './schema/listOf.ts'
import { networkRange } from './schema/networkRange.ts'
import { oneOf } from './schema/oneOf.ts'
import { queueSchema } from './schema/queueSchema.ts'
import { sectionOf } from './schema/sectionOf.ts'
import { servicesSchema } from './schema/servicesSchema.ts'
import { textLike } from './schema/textLike.ts'
import { tiersSchema } from './schema/tiersSchema.ts'
import { wholeNumber } from './schema/wholeNumber.ts'

const events: readonly LogEvent[] = [
  'auth.decision',
  'queue.enter',
  'queue.start',
  'queue.reject',
  'queue.abort',
  'request.end',
]

const network = sectionOf({
  trustedProxies: v.optional(listOf(networkRange), []),
  forwardedHeader: v.optional(
    v.pipe(textLike(/^[A-Za-z0-9-]{1,64}$/, 'the name of a header'), v.toLowerCase()),
    'x-forwarded-for',
  ),
  ipv6Prefix: v.optional(wholeNumber(32, 128), 64),
})

const rollout = sectionOf({
  mode: v.optional(oneOf('enforce', 'shadow', 'off'), 'enforce'),
  percent: v.optional(wholeNumber(0, 100), 100),
  previous: v.exactOptional(authSchema),
})

/**
 * The definition of `gateway.json`, all but `environments`: each of those has these entries again and is put over
 * them. Every entry may be left out.
 */
export const gatewaySchema: v.GenericSchema<unknown, GatewayConfig> = sectionOf({
  realm: v.optional(
    textLike(/^[ !#-[\]-~]{1,100}$/, '1 to 100 ASCII characters without quotes and backslashes'),
    'modelferry',
  ),
  publicUrl: v.exactOptional(httpUrl),
  auth: v.optional(authSchema, {}),
  network: v.optional(network, {}),
  tiers: v.optional(tiersSchema, {}),
  queue: v.optional(queueSchema, {}),
  services: v.optional(servicesSchema, [{ name: 'hub', path: '/' }]),
  rollout: v.optional(rollout, {}),
  serviceKeys: v.optional(v.array(callerKey, 'expected a list'), []),
  metrics: v.optional(sectionOf({ tokens: v.optional(listOf(digest), []) }), {}),
  log: v.optional(sectionOf({ events: v.optional(listOf(oneOf(...events)), [...events]) }), {}),
})
