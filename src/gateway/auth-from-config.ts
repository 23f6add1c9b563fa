// Makes the authentication of a configuration: decisions, token validators, and the endpoint that answers services.

import {
  type Auth,
  createAuth,
  createIntrospectEndpoint,
  createIntrospection,
  createRequestVerifier,
  createRevocationFeed,
  createTokenList,
  createVerdictCache,
  type ServiceAudit,
  type TokenValidator,
  type VerdictCacheOptions,
} from '../auth/index.ts'
import { type Clock, systemClock } from '../core/index.ts'
import { createMemoryStore } from '../queue/index.ts'
import { parse } from 'tldts'
import type { AuthConfig, CallerKey, IntrospectConfig, NetworkConfig } from '../config/index.ts'
import type { Fetch } from '../net/index.ts'

/** The dependencies of authentication besides its configuration; see {@link GatewayParts}. */
export interface AuthParts {
  readonly clock?: Clock
  readonly fetch?: Fetch
  readonly note?: (message: string) => void
  readonly audit?: (event: ServiceAudit) => void
}

/**
 * Creates the authentication of configured rules.
 *
 * @param rules tokens and front ends
 * @param network how client addresses are determined
 * @throws FerryError `configuration`
 */
export function authFromConfig(
  rules: AuthConfig,
  network: NetworkConfig,
  validate: TokenValidator,
  { clock, note }: Pick<AuthParts, 'clock' | 'note'>,
): Auth {
  return createAuth({
    validate,
    legacyTokens: rules.legacyTokens,
    ...(rules.legacyExpires !== undefined && { legacyExpiresAt: rules.legacyExpires }),
    allowedHosts: rules.allowedHosts,
    registeredHosts: rules.registeredHosts,
    trustedProxies: network.trustedProxies,
    forwardedHeader: network.forwardedHeader,
    ipv6Prefix: network.ipv6Prefix,
    allowQueryToken: rules.queryTokens,
    allowBodyToken: rules.bodyTokens,
    passTiers: rules.passTiers,
    isPublicSuffix,
    onQueryToken: (keyId) =>
      note?.(
        `The token ${keyId} came in a URL, which servers and browsers log. Send it in a header.`,
      ),
    onUnknownTier: (tier) =>
      note?.(`A token has the tier ${JSON.stringify(tier)}, which does not exist: it is ignored.`),
    ...(clock && { clock }),
  })
}

/** Token validators that are shared between successive configurations. */
export interface Validators {
  /**
   * The validator of some rules: first their list, then their introspection service.
   *
   * @throws FerryError `configuration`
   */
  of(rules: AuthConfig): TokenValidator
  /** Closes validators that none of these rules needs; running requests keep theirs. */
  keepOnly(rules: readonly AuthConfig[]): void
}

interface Remote {
  readonly validate: TokenValidator
  close(): void
}

/**
 * Makes validators. A remote validator and its cache are kept as long as its configuration is the same, so that
 * another change does not make every token be validated again.
 *
 * @param parts for time, network and notes
 * @param count receives the outcome of lookups
 */
export function createValidators(
  { clock = systemClock, fetch, note }: Pick<AuthParts, 'clock' | 'fetch' | 'note'>,
  count: NonNullable<VerdictCacheOptions['count']>,
): Validators {
  const remotes = new Map<string, Remote>()

  const connect = ({ url, keyId, secret, revocationsUrl }: IntrospectConfig): Remote => {
    const common = {
      credential: { keyId, secret },
      clock,
      onFailure: ({ message }: Error) => note?.(message),
      ...(fetch && { fetch }),
    }
    const ask = createIntrospection({ ...common, url })
    const feed =
      revocationsUrl === undefined ? null : createRevocationFeed({ ...common, url: revocationsUrl })
    return {
      validate: createVerdictCache(ask, { clock, count, ...(feed && { revocations: feed }) }),
      close: () => feed?.close(),
    }
  }

  return {
    of({ tokens, introspect }) {
      const listed = tokens.map(({ expires, ...token }) => ({
        ...token,
        ...(expires !== undefined && { expiresAt: expires }),
      }))
      const inList = createTokenList(listed, clock)
      if (introspect === undefined) return inList
      const key = JSON.stringify(introspect)
      const remote = remotes.get(key) ?? connect(introspect)
      remotes.set(key, remote)
      return async (token, digest) => {
        const verdict = await inList(token, digest)
        return verdict.state === 'valid' ? verdict : remote.validate(token, digest)
      }
    },
    keepOnly(rules) {
      const needed = new Set(rules.map(({ introspect }) => JSON.stringify(introspect)))
      for (const [key, remote] of remotes) {
        if (needed.has(key)) continue
        remote.close()
        remotes.delete(key)
      }
    },
  }
}

/** Rate limit of one service; more than the misses of any cache in front of it. */
const rate = { intervalMs: 1000, perInterval: 200, maxQueue: 0, maxWaitMs: 0, cost: 1 }

/**
 * Makes `POST /v1/introspect` for the services that have a key.
 *
 * @param validate validates a token
 * @throws FerryError `configuration` for missing or weak keys
 */
export function introspectEndpoint(
  keys: readonly CallerKey[],
  validate: TokenValidator,
  { clock = systemClock, audit }: Pick<AuthParts, 'clock' | 'audit'>,
): (request: Request) => Promise<Response> {
  const store = createMemoryStore({ clock })
  return createIntrospectEndpoint({
    validate,
    verify: createRequestVerifier(keys, { clock }),
    admit(keyId) {
      const answer = store.reserve(keyId, rate, clock.now())
      return answer.granted ? null : answer.retryAfterMs
    },
    clock,
    ...(audit && { audit }),
  })
}

/**
 * Whether names below a host are open to registration: it is on the public suffix list, in its section of registries
 * or of providers such as `github.io`.
 *
 * @param host lower-case
 */
export function isPublicSuffix(host: string): boolean {
  const { publicSuffix, isIcann, isPrivate } = parse(host, { allowPrivateDomains: true })
  return publicSuffix === host && (isIcann === true || isPrivate === true)
}
