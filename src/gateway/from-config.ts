// A gateway of a checked configuration: rules, queue, services, log and counters, and how they change while it runs.

import { parseTrustedProxies, publicUrl, type ServiceAudit } from '../auth/index.ts'
import {
  type AuthConfig,
  type GatewayConfig,
  publishedPolicy,
  type QueueConfig,
  tierLimits,
} from '../config/index.ts'
import { type Clock, FerryError, systemClock } from '../core/index.ts'
import {
  createDailySalt,
  createLog,
  createMetrics,
  createUsage,
  type UsageSnapshot,
} from '../log/index.ts'
import type { Fetch } from '../net/index.ts'
import { createQueue, createScaling, type Queue } from '../queue/index.ts'
import { authFromConfig, createValidators, introspectEndpoint } from './auth-from-config.ts'
import { createEndpoints, isLocalProgram, mayReadMetrics } from './endpoints.ts'
import { tokenPool } from './admission.ts'
import { createGateway, type Gateway } from './gateway.ts'
import type { GatewayOptions } from './options.ts'
import type { Observer } from './record.ts'
import type { Service } from './service.ts'
import { serviceFromConfig } from './service-from-config.ts'

/** A gateway that is made of a configuration, and can be given another one. */
export interface ConfiguredGateway extends Omit<Gateway, 'use'> {
  /**
   * Puts another configuration in force, whole and for all requests from now on; those under way keep theirs, those
   * who wait keep their place. Also where {@link Gateway.setRollout} said something else.
   *
   * @throws FerryError `configuration` for one that cannot be used, or changes what only a new process can; the old
   *   one stays in force then
   */
  reload(config: GatewayConfig): void
  readonly queue: Pick<Queue, 'totals'>
  /** Who used how much today. */
  usage(): UsageSnapshot
  /**
   * Answers `GET /metrics` and `GET /usage` for a listener of their own on a loopback port. Programs of this machine
   * may read them there without a token.
   */
  metrics(request: Request): Promise<Response>
  /** Answers waiting and new requests with 503, and ends what runs beside requests. */
  close(): void
}

/** What a configuration does not hold: the world around a gateway. */
export interface GatewayParts {
  /** Answers for services without an upstream: the embedded hub. Its own `cost` counts where the configuration has none. */
  readonly hub?: Omit<Service, 'name' | 'path'>
  /** Takes lines of the log, each with its line end. */
  readonly write: (text: string) => void
  /** Told what an operator should know; holds no token and no address of a caller. Default: not told. */
  readonly note?: (message: string) => void
  /** Told of every call of the gateway's own endpoints for services. Default: not told. */
  readonly audit?: (event: ServiceAudit) => void
  /** How servers elsewhere are asked. */
  readonly fetch?: Fetch
  readonly clock?: Clock
  /** 0 up to 1. */
  readonly random?: () => number
}

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
    reserved: {
      [tokenPool]: config.queue.reservedForTokens ?? defaultReserve(config.queue.concurrency),
    },
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
          mayRead: mayReadMetrics(from.metrics.tokens),
        },
        ...(serviceKeys.length > 0 && {
          more: { '/v1/introspect': introspectEndpoint(serviceKeys, validate, parts) },
        }),
      },
      log: { line: (fields) => void (events.has(fields.event) && log.line(fields)) },
      observers,
      publicUrl: publicUrlOf(from),
      body: { idleMs: from.body.idleSeconds * 1000, minRate: from.body.bytesPerSecond },
      clock,
      ...(random && { random }),
    }
  }

  const localEndpoints = createEndpoints({
    metrics: {
      render: () => metrics.text(queue.totals),
      usage: () => usage.snapshot(),
      mayRead: isLocalProgram,
    },
  })
  const gateway = createGateway(optionsOf(config))
  let current = config

  return {
    fetch: (request, from) => gateway.fetch(request, from),
    setRollout: (rollout) => gateway.setRollout(rollout),
    reload(next) {
      try {
        checkUnchanged(current, next)
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
    metrics: (request) =>
      localEndpoints.fetch(request, { peer: null, requestId: crypto.randomUUID() }),
    close() {
      gateway.close()
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

/** What a queue keeps from its beginning to its end. */
const fixed = [
  'maxWaiting',
  'maxKeys',
  'leaseSeconds',
  'failMode',
  'instances',
  'reservedForTokens',
] as const

/**
 * Refuses a new configuration that the queue, with people in it, cannot follow.
 *
 * @throws FerryError `configuration`, naming the entries
 */
export function checkUnchanged(
  { queue: before, metrics: countersBefore }: Pick<GatewayConfig, 'queue' | 'metrics'>,
  { queue: after, metrics: countersAfter }: Pick<GatewayConfig, 'queue' | 'metrics'>,
): void {
  const changed = [
    ...fixed.filter((name) => before[name] !== after[name]),
    // Where the limit follows the load it has left the value that is written there.
    ...(before.scaling.mode === 'on' && before.concurrency !== after.concurrency
      ? ['concurrency']
      : []),
    ...(JSON.stringify(before.scaling) === JSON.stringify(after.scaling) ? [] : ['scaling']),
  ].map((name) => `queue.${name}`)
  if (countersBefore.port !== countersAfter.port) changed.push('metrics.port')
  if (changed.length === 0) return
  throw new FerryError(
    'configuration',
    `The new configuration changes ${changed.join(', ')}, which holds from start to end. Start again for it; the old one stays in force.`,
  )
}

/**
 * Lets the limit of a queue follow the load.
 *
 * @param queue whose limit is set, unless it is only tried
 * @param config `concurrency` is where it begins
 * @param note told of each change
 * @returns what has to be told of requests that ended; none when the limit stays
 */
export function scaleQueue(
  queue: Queue,
  { concurrency, scaling: { mode, ...rules } }: QueueConfig,
  { clock, note }: { readonly clock: Clock; readonly note?: (message: string) => void },
): readonly Observer[] {
  if (mode === 'off') return []
  const isTried = mode === 'dry-run'
  const scaling = createScaling({
    ...rules,
    initial: concurrency,
    dryRun: isTried,
    totals: () => queue.totals,
    onChange({ from, to, why }) {
      if (!isTried) queue.setLimit(to)
      note?.(`The queue's limit ${isTried ? 'would go' : 'goes'} from ${from} to ${to}: ${why}.`)
    },
    clock,
  })
  return [
    {
      ended({ waitMs, runMs, inFlight, outcome }) {
        // Who had no slot says nothing of the load, and a failure of the service's own nothing of its room.
        if (waitMs === null || runMs === null || inFlight === null) return
        const told = outcome === 'server-error' ? 'client-error' : outcome
        scaling.complete({ waitMs, runMs, outcome: told, inFlight })
      },
    },
  ]
}

/** A quarter of the slots, so that requests without a token cannot hold all of them. */
function defaultReserve(concurrency: number): number {
  return Math.floor(concurrency / 4)
}
