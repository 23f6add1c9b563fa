import * as v from 'valibot'
import {
  digest,
  hostName,
  httpUrl,
  isoDate,
  keyId,
  listOf,
  scope,
  oneOf,
  secretText,
  sectionOf,
  textLike,
  yesOrNo,
  numberBetween,
  wholeNumber,
  serviceKey,
  serviceName,
  callerKey,
  networkRange,
} from './fields.ts'
import type { Tier } from '../auth/index.ts'
import type { LogEvent } from '../log/index.ts'
import type { AuthConfig, QueueConfig, ServiceConfig, TierConfig, GatewayConfig } from './types.ts'

const name = textLike(
  /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u,
  'a text of 1 to 200 characters, none of them a line end',
)

const token = sectionOf({
  sha256: digest,
  sub: name,
  tier: v.exactOptional(oneOf('seed', 'flower', 'nectar')),
  keyId: v.exactOptional(keyId),
  username: v.exactOptional(name),
  scope: v.exactOptional(listOf(scope)),
  expires: v.exactOptional(isoDate),
})

const introspect = sectionOf({
  url: httpUrl,
  keyId,
  secret: secretText(32),
  revocationsUrl: v.exactOptional(httpUrl),
})

/** Authentication. */
const authSchema: v.GenericSchema<unknown, AuthConfig> = sectionOf({
  tokens: v.optional(v.array(token, 'expected a list'), []),
  introspect: v.exactOptional(introspect),
  legacyTokens: v.optional(listOf(digest), []),
  legacyExpires: v.exactOptional(isoDate),
  legacyHostNames: v.optional(yesOrNo, false),
  allowedHosts: v.optional(listOf(hostName(true)), []),
  registeredHosts: v.optional(listOf(hostName(false)), []),
  queryTokens: v.optional(yesOrNo, true),
  bodyTokens: v.optional(yesOrNo, false),
  // Only tiers with a token may skip the queue.
  passTiers: v.optional(listOf(oneOf('seed', 'flower', 'nectar', 'legacy')), ['nectar', 'legacy']),
})

const scaling = sectionOf({
  mode: v.optional(oneOf('off', 'dry-run', 'on'), 'off'),
  min: v.optional(wholeNumber(1, 10_000), 4),
  max: v.optional(wholeNumber(1, 10_000), 128),
  windowMs: v.optional(wholeNumber(100, 3_600_000), 1000),
  minSamples: v.optional(wholeNumber(1, 10_000), 10),
  increase: v.optional(wholeNumber(1, 1000), 1),
  decrease: v.optional(numberBetween(0.1, 0.99), 0.9),
  targetUtilisation: v.optional(numberBetween(0.1, 1), 0.8),
  latencyTolerance: v.optional(numberBetween(1, 100), 2),
  cooldownWindows: v.optional(wholeNumber(0, 1000), 1),
})

/** The queue as a whole. */
const queueSchema: v.GenericSchema<unknown, QueueConfig> = sectionOf({
  concurrency: v.optional(wholeNumber(1, 10_000), 32),
  reservedForTokens: v.exactOptional(wholeNumber(0, 9999)),
  maxWaiting: v.optional(wholeNumber(0, 1_000_000), 1000),
  maxKeys: v.optional(wholeNumber(1, 1_000_000), 10_000),
  leaseSeconds: v.optional(wholeNumber(1, 86_400), 120),
  failMode: v.optional(oneOf('local', 'open', 'closed'), 'local'),
  instances: v.optional(wholeNumber(1, 10_000), 1),
  scaling: v.optional(scaling, {}),
})

const cost = sectionOf({
  path: textLike(
    /^[/*][!$-;=@-~]*$/,
    'a path that begins with / or *, in which * stands for anything',
  ),
  method: v.exactOptional(textLike(/^[A-Z]{1,20}$/, 'a method in capitals, as GET')),
  cost: wholeNumber(0, 100),
})

const headerName = v.pipe(
  textLike(/^[A-Za-z0-9-]{1,100}\*?$/, 'the name of a header, or its beginning and *'),
  v.toLowerCase(),
)

const cors = sectionOf({
  origins: v.exactOptional(
    listOf(
      textLike(
        /^(?:\*|https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?)$/,
        'an origin as https://app.example in lower case, or *',
      ),
    ),
  ),
  allowHeaders: v.exactOptional(listOf(headerName)),
  exposeHeaders: v.exactOptional(listOf(headerName)),
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
  cors: v.optional(cors, {}),
  timeoutSeconds: v.optional(wholeNumber(1, 3600), 120),
})

/** The services behind the gateway. */
const servicesSchema: v.GenericSchema<unknown, readonly ServiceConfig[]> = v.array(
  service,
  'expected a list',
)

/** One row, with its defaults. */
function row(
  intervalSeconds: number,
  concurrency: number,
  maxWaiting: number,
  weight: number,
): v.OptionalSchema<v.GenericSchema<unknown, TierConfig>, object> {
  const tier = sectionOf({
    intervalSeconds: v.optional(wholeNumber(0, 86_400), intervalSeconds),
    concurrency: v.optional(wholeNumber(1, 10_000), concurrency),
    maxWaiting: v.optional(wholeNumber(0, 100_000), maxWaiting),
    maxWaitSeconds: v.optional(wholeNumber(0, 3600), 60),
    weight: v.optional(wholeNumber(1, 1000), weight),
  })
  return v.optional(tier, {})
}

/** Limits per tier. */
const tiersSchema: v.GenericSchema<unknown, Record<Tier, TierConfig>> = sectionOf({
  anonymous: row(6, 1, 5, 1),
  recognised: row(3, 2, 10, 2),
  seed: row(1, 3, 15, 4),
  flower: row(1, 6, 30, 8),
  nectar: row(0, 20, 100, 16),
  legacy: row(1, 3, 15, 4),
})

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
    v.pipe(
      textLike(
        /^(?!forwarded$)[A-Za-z0-9-]{1,64}$/i,
        'the name of a header with a list of addresses, which Forwarded is not',
      ),
      v.toLowerCase(),
    ),
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
 * The definition of `gateway.json`, except `environments`: each environment has the same entries and overrides them.
 * All entries are optional.
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
  metrics: v.optional(
    sectionOf({
      tokens: v.optional(listOf(digest), []),
      port: v.exactOptional(wholeNumber(0, 65_535)),
    }),
    {},
  ),
  body: v.optional(
    sectionOf({
      idleSeconds: v.optional(wholeNumber(1, 3600), 10),
      bytesPerSecond: v.optional(wholeNumber(1, 1_000_000), 1024),
    }),
    {},
  ),
  log: v.optional(sectionOf({ events: v.optional(listOf(oneOf(...events)), [...events]) }), {}),
})
