import { createIntrospectEndpoint } from '../../auth/service/createIntrospectEndpoint.ts'
import { createRequestVerifier } from '../../auth/service/createRequestVerifier.ts'
import type { TokenValidator } from '../../auth/TokenValidator.ts'
import type { CallerKey } from '../../config/ServiceConfig.ts'
import { systemClock } from '../../core/systemClock.ts'
import { createMemoryStore } from '../../queue/createMemoryStore.ts'
import type { GatewayParts } from './GatewayParts.ts'

/** Calls of one service; more than any cache in front of them should let through. */
const rate = { intervalMs: 1000, perInterval: 200, maxQueue: 0, maxWaitMs: 0, cost: 1 }

/**
 * Makes `POST /v1/introspect` for the services that have a key.
 *
 * @param validate says what a token is worth
 * @throws FerryError `configuration` for keys that protect nothing
 */
export function introspectEndpoint(
  keys: readonly CallerKey[],
  validate: TokenValidator,
  { clock = systemClock, audit }: Pick<GatewayParts, 'clock' | 'audit'>,
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
