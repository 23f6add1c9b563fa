import { parseTrustedProxies } from '../../auth/parseTrustedProxies.ts'
import { publicUrl } from '../../auth/publicUrl.ts'
import type { AuthConfig } from '../../config/AuthConfig.ts'
import type { GatewayConfig } from '../../config/GatewayConfig.ts'
import { publishedPolicy } from '../../config/publishedPolicy.ts'
import { tierLimits } from '../../config/tierLimits.ts'
import { systemClock } from '../../core/systemClock.ts'
import { createDailySalt } from '../../log/createDailySalt.ts'
import { createLog } from '../../log/createLog.ts'
import { createMetrics } from '../../log/metrics/createMetrics.ts'
import { createUsage } from '../../log/usage/createUsage.ts'
import { createQueue } from '../../queue/createQueue.ts'
import { createGateway } from '../createGateway.ts'
import { mayReadMetrics } from '../endpoints/mayReadMetrics.ts'
import type { GatewayOptions } from '../GatewayOptions.ts'
import type { Observer } from '../record/Observer.ts'
import { authFromConfig } from './authFromConfig.ts'
import { checkUnchanged } from './checkUnchanged.ts'
import type { ConfiguredGateway } from './ConfiguredGateway.ts'
import { createValidators } from './createValidators.ts'
import type { GatewayParts } from './GatewayParts.ts'
import { introspectEndpoint } from './introspectEndpoint.ts'
import { scaleQueue } from './scaleQueue.ts'
import { serviceFromConfig } from './serviceFromConfig.ts'

/**
 * Makes a gateway of a configuration: rules, queue, services, log and counters.
 *
 * @param config from `loadConfig`
 * @param parts what a configuration does not hold
 * @throws FerryError `configuration`, naming what cannot be used
 * @example
 * const gateway = gatewayFromConfig(loadConfig({ process: process.env, local }), { hub, write })
 * process.on('SIGHUP', () => gateway.reload(loadConfig({ process: process.env, local: readAgain() })))
 */
export function gatewayFromConfig(config: GatewayConfig, parts: GatewayParts): ConfiguredGateway {
  const { clock = systemClock, note, random } = parts
  const salt = createDailySalt({ clock })
  const log = createLog({
    write: parts.write,
    clock,
    salt,
    onError: () => note?.('The log cannot be written: lines are lost.'),
  })
  const metrics = createMetrics()
  const usage = createUsage({ salt })
  const validators = createValidators(parts, (result) => metrics.lookedUp(result))
  const queue = createQueue({
    limit: config.queue.concurrency,
    maxWaiting: config.queue.maxWaiting,
    maxKeys: config.queue.maxKeys,
    leaseMs: config.queue.leaseSeconds * 1000,
    failMode: config.queue.failMode,
    instances: config.queue.instances,
    onStoreError: () => note?.('The store of the queue cannot be reached.'),
    clock,
  })
  const counters: Observer = {
    decided: ({ reason }) => metrics.decided(reason),
    started: (waitMs) => metrics.waited(waitMs),
    refused: (why) => metrics.refused(why),
    ended({ decision, runMs, outcome }) {
      const { tokenAuth, subject, keyId, site, network } = decision
      usage.count(
        { subject: tokenAuth ? (subject ?? keyId) : null, site, network },
        { runMs: runMs ?? 0, rejected: runMs === null && outcome !== 'cancelled' },
      )
    },
  }

  const observers = [counters, ...scaleQueue(queue, config.queue, { clock, ...(note && { note }) })]

  const optionsOf = (from: GatewayConfig): GatewayOptions => {
    const { auth: rules, network, rollout, serviceKeys } = from
    const validate = validators.of(rules)
    const limits = tierLimits(from)
    const policy = publishedPolicy(from, limits)
    const events = new Set(from.log.events)
    const { mode, percent, previous } = rollout
    return {
      auth: authFromConfig(rules, network, validate, parts),
      queue,
      limits,
      services: from.services.map((service) => serviceFromConfig(service, parts)),
      realm: from.realm,
      rollout: {
        mode,
        percent,
        ...(previous && {
          previous: authFromConfig(previous, network, validators.of(previous), parts),
        }),
      },
      endpoints: {
        policy: () => policy,
        metrics: {
          render: () => metrics.text(queue.totals),
          usage: () => usage.snapshot(),
          mayRead: mayReadMetrics(from.metrics.tokens, network.forwardedHeader),
        },
        ...(serviceKeys.length > 0 && {
          more: { '/v1/introspect': introspectEndpoint(serviceKeys, validate, parts) },
        }),
      },
      log: { line: (fields) => void (events.has(fields.event) && log.line(fields)) },
      observers,
      publicUrl: publicUrlOf(from),
      clock,
      ...(random && { random }),
    }
  }

  const gateway = createGateway(optionsOf(config))
  let current = config

  return {
    fetch: (request, from) => gateway.fetch(request, from),
    setRollout: (rollout) => gateway.setRollout(rollout),
    reload(next) {
      try {
        checkUnchanged(current.queue, next.queue)
        gateway.use(optionsOf(next))
        const { concurrency } = next.queue
        if (concurrency !== current.queue.concurrency) queue.setLimit(concurrency)
        current = next
      } finally {
        validators.keepOnly(rulesOf(current))
      }
    },
    queue,
    usage: () => usage.snapshot(),
    close() {
      queue.close()
      validators.keepOnly([])
    },
  }
}

function publicUrlOf({ publicUrl: own, network }: GatewayConfig): GatewayOptions['publicUrl'] & {} {
  if (own !== undefined) {
    const { origin } = new URL(own)
    return () => origin
  }
  const proxies = parseTrustedProxies(network.trustedProxies)
  if (proxies.length === 0) return () => undefined
  return (request, peer) => new URL(publicUrl(request, peer, proxies)).origin
}

function rulesOf({ auth, rollout }: GatewayConfig): readonly AuthConfig[] {
  return rollout.previous ? [auth, rollout.previous] : [auth]
}
