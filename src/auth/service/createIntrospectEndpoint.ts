import { systemClock } from '../../core/systemClock.ts'
import { askValidator } from '../askValidator.ts'
import { isToken68 } from '../isToken68.ts'
import { nameWithoutToken } from '../nameWithoutToken.ts'
import type { TokenValidator } from '../TokenValidator.ts'
import { createServiceEndpoint } from './createServiceEndpoint.ts'
import { introspectionOf } from './introspectionOf.ts'
import type { ServiceEndpointOptions } from './ServiceEndpointOptions.ts'
import { sha256Hex } from './sha256Hex.ts'

/** What the introspection endpoint is made with. */
export interface IntrospectEndpointOptions extends ServiceEndpointOptions {
  readonly validate: TokenValidator
  /** Longest time that an answer says it may be used, milliseconds. Default: 60000. */
  readonly cacheMs?: number
}

/**
 * Central validation, `POST /v1/introspect` with a form or JSON object that holds `token`. The answer is 200 with
 * `{active: true, sub, …}`, or with exactly `{"active":false}` for whatever else was asked: expired, revoked,
 * unknown and malformed tokens cannot be told apart. 503 says that the token could not be checked.
 *
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
      const verdict = await askValidator(validate, token, digest)
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
