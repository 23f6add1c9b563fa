// The endpoints for tokens and sites, by which one gateway answers the questions of others.
import { FerryError, systemClock } from '../../core/index.ts'
import { isToken68 } from '../credential.ts'
import { nameWithoutToken } from '../decision.ts'
import { sha256Hex } from '../digests.ts'
import { parseHost } from '../site.ts'
import { createServiceEndpoint, type ServiceEndpointOptions } from './endpoint.ts'
import { callValidator, type Verdict, type TokenValidator } from '../token-validation.ts'

/** Options of {@link createIntrospectEndpoint}. */
export interface IntrospectEndpointOptions extends ServiceEndpointOptions {
  readonly validate: TokenValidator
  /** Longest `cacheTtl` of an answer, milliseconds. Default: 60000. */
  readonly cacheMs?: number
}

/**
 * Central validation, `POST /v1/introspect` with a form or JSON object that holds `token`. The answer is 200 with
 * `{active: true, sub, …}`, or with exactly `{"active":false}` in every other case: expired, revoked, unknown and
 * malformed tokens have the same answer. 503 means that the token could not be checked.
 *
 * @param options `validate` and `verify` are required
 * @example
 * const introspect = createIntrospectEndpoint({ validate, verify: createRequestVerifier(credentials) })
 * app.all('/v1/introspect', (context) => introspect(context.req.raw))
 */
export function createIntrospectEndpoint(
  options: IntrospectEndpointOptions,
): (request: Request) => Promise<Response> {
  const { validate, cacheMs = 60_000, clock = systemClock } = options
  return createServiceEndpoint(options, {
    event: 'service.introspect',
    member: 'token',
    find: async (token) => {
      if (token === null || !isToken68(token)) {
        return { result: 'malformed', json: { active: false } }
      }
      const digest = sha256Hex(token)
      const named = { tokenKeyId: digest.slice(0, 8) }
      const verdict = await callValidator(validate, token, digest)
      if (verdict.state === 'unavailable') {
        return { ...named, unavailableMs: verdict.retryAfterMs ?? 1000 }
      }
      const json = introspectionOf(verdict, clock.now(), cacheMs)
      if (verdict.state === 'invalid' || !json.active) return { ...named, result: 'inactive', json }
      const keyId = nameWithoutToken(verdict.keyId ?? named.tokenKeyId, token, digest)
      return { tokenKeyId: keyId, result: 'active', json }
    },
  })
}

/** Body of an answer to an introspection. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true
      readonly sub: string
      readonly username?: string
      readonly tier?: string
      readonly scope: readonly string[]
      readonly keyId?: string
      /** Epoch seconds (RFC 7662). */
      readonly exp?: number
      /** Seconds for which the answer may be cached. */
      readonly cacheTtl: number
    }

/**
 * Converts a verdict to a response body. Expired and unknown tokens have the same body.
 *
 * @param now epoch milliseconds
 * @param cacheMs longest use of the answer, milliseconds; a stale verdict must not be cached
 */
export function introspectionOf(
  verdict: Exclude<Verdict, { readonly state: 'unavailable' }>,
  now: number,
  cacheMs: number,
): Introspection {
  if (verdict.state === 'invalid') return { active: false }
  const { sub, username, tier, scope = [], keyId, expiresAt, stale } = verdict
  const lifeMs = (expiresAt ?? Infinity) - now
  if (lifeMs <= 0) return { active: false }
  return {
    active: true,
    sub,
    ...(username !== undefined && { username }),
    ...(tier !== undefined && { tier }),
    scope,
    ...(keyId !== undefined && { keyId }),
    ...(expiresAt !== undefined && { exp: Math.floor(expiresAt / 1000) }),
    cacheTtl: stale ? 0 : Math.floor(Math.min(cacheMs, lifeMs) / 1000),
  }
}

/** Owner of a registered host, with its tier. */
export interface RegisteredSite {
  /** User id of the owner. */
  readonly owner: string
  /** Tier of the owner. Default: null in the answer. */
  readonly tier?: string
}

/** Options of {@link createSiteLookup}. */
export interface SiteLookupOptions extends ServiceEndpointOptions {
  /** By host name. */
  readonly sites: ReadonlyMap<string, RegisteredSite>
}

/**
 * Looks up the owner of a registered host: `POST /v1/sites/lookup` with `host`, answered by `{known, owner, tier}`, with
 * null for unknown values. The map is copied. Registering a host needs a proof and is not done here.
 *
 * @param options `sites` and `verify` are required
 * @throws FerryError `configuration`, naming an entry that is not a host name or is listed twice
 * @example const sites = new Map([['app.example', { owner: 'u1', tier: 'seed' }]])
 * const lookup = createSiteLookup({ sites, verify: createRequestVerifier(credentials) })
 */
export function createSiteLookup(
  options: SiteLookupOptions,
): (request: Request) => Promise<Response> {
  const sites = new Map<string, RegisteredSite>()
  for (const [host, site] of options.sites) {
    const name = parseHost(host)
    if (name === null || sites.has(name)) {
      const fault = name === null ? 'is not a host name' : 'is listed twice'
      throw new FerryError(
        'configuration',
        `The registered site ${JSON.stringify(host.slice(0, 100))} ${fault}. Give each host once, as "app.example".`,
      )
    }
    sites.set(name, site)
  }
  return createServiceEndpoint(options, {
    event: 'service.site-lookup',
    member: 'host',
    find: async (host) => {
      const name = host === null ? null : parseHost(host)
      const site = name === null ? undefined : sites.get(name)
      if (site !== undefined) {
        const { owner, tier = null } = site
        return { result: 'known', json: { known: true, owner, tier } }
      }
      const result = name === null ? 'malformed' : 'unknown'
      return { result, json: { known: false, owner: null, tier: null } }
    },
  })
}
