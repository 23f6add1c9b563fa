import * as v from 'valibot'
import type { AuthVectorConfig } from './AuthVectorConfig.ts'

const texts = v.array(v.string())
const answer = v.strictObject({
  active: v.boolean(),
  sub: v.optional(v.string()),
  tier: v.optional(v.nullable(v.string())),
})

/** Checks `config` and `options` of a vector file: any of its members, and no others. */
export const authVectorConfigSchema: v.GenericSchema<unknown, Partial<AuthVectorConfig>> = v.pipe(
  v.partial(
    v.strictObject({
      tokens: v.record(v.string(), answer),
      legacyTokens: texts,
      allowedHosts: v.union([v.string(), texts]),
      registeredHosts: v.record(
        v.string(),
        v.strictObject({ owner: v.optional(v.string()), tier: v.optional(v.string()) }),
      ),
      trustedProxies: texts,
      proxyHeader: v.string(),
      allowQueryToken: v.boolean(),
      allowBodyToken: v.boolean(),
      legacyBypass: v.boolean(),
      ipv6Prefix: v.number(),
      validator: v.picklist(['up', 'down']),
    }),
  ),
  v.transform((config) => config as Partial<AuthVectorConfig>),
)
