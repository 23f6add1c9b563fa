import { checkRollout } from './checkRollout.ts'
import { completeOptions } from './completeOptions.ts'
import type { Gateway } from './Gateway.ts'
import type { GatewayOptions } from './GatewayOptions.ts'
import type { Load } from './Rules.ts'
import { answer } from './way/answer.ts'

/**
 * Puts authentication and a queue in front of services.
 *
 * @param options see {@link GatewayOptions}
 * @throws FerryError `configuration`, naming what is wrong
 * @example
 * const gateway = createGateway({ auth, queue, limits, services: [echo] })
 * const response = await gateway.fetch(new Request('https://gateway.example/echo/'), { peer: '203.0.113.7' })
 */
export function createGateway(options: GatewayOptions): Gateway {
  // Replaced whole: a request takes what is here when it comes, and never sees half of a change.
  const load: Load = { running: 0 }
  let rules = completeOptions(options, load)
  return {
    fetch: (request, { peer }) => answer(request, peer, rules),
    setRollout(rollout) {
      rules = { ...rules, rollout: checkRollout(rollout) }
    },
    use(next) {
      rules = completeOptions(next, load)
    },
  }
}
