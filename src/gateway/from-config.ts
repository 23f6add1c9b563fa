// Builds a gateway from a checked configuration: rules, queue, services, log and counters, and applies changes at run
// time.

import {
  findForgottenProxy,
  parseTrustedProxies,
  publicUrl,
  type ServiceAudit,
} from '../auth/index.ts'
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
import { serviceFromConfig } from './proxy.ts'

/** A gateway that is built from a configuration, and can be reconfigured. */
export interface ConfiguredGateway extends Omit<Gateway, 'use'> {
  /**
   * Applies another configuration, completely and for all later requests; running ones keep theirs, and waiting ones
   * keep their place. It also overrides {@link Gateway.setRollout}.
   *
   * @throws FerryError `configuration` for an unusable one, or for changes that need a restart; the old one then
   * stays
   */
  reload(config: GatewayConfig): void
  /** Current counters of the queue. */
  readonly queue: Pick<Queue, 'totals'>
  /** Usage of the current day. */
  usage(): UsageSnapshot
  /**
   * Answers `GET /metrics` and `GET /usage` for a separate listener on a loopback port. Local programs may read them
   * there without a token.
   */
  metrics(request: Request): Promise<Response>
  /** Answers waiting and new requests with 503, and stops background work. */
  close(): void
}

/** The dependencies of a gateway that are not in its configuration. */
export interface GatewayParts {
  /** Answers for services without an upstream: the embedded hub. Its own `cost` applies when the configuration has none. */
  readonly hub?: Omit<Service, 'name' | 'path'>
  /** Receives lines of the log, each with its line end. */
  readonly write: (text: string) => void
  /** Receives messages for the operator, without tokens and addresses of callers. Default: none. */
  readonly note?: (message: string) => void
  /** Receives every call of the gateway's own endpoints for services. Default: none. */
  readonly audit?: (event: ServiceAudit) => void
  /** Public origin of the server, when something besides the configuration states it. */
  readonly url?: string
  /** `fetch` for other servers. */
  readonly fetch?: Fetch
  readonly clock?: Clock
  /** 0 up to 1. */
  readonly random?: () => number
}

/**
 * Builds a gateway from a configuration: rules, queue, services, log and counters.
 *
 * @param config from `loadConfig`
 * @param parts dependencies that are not in the configuration
 * @throws FerryError `configuration`, naming the unusable entry
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
    onStoreError: () => note?.('The limit store of the queue cannot be reached.'),
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
  let watch = watchProxies(config, parts)

  return {
    fetch(request, from) {
      watch(request, from.peer)
      return gateway.fetch(request, from)
    },
    setRollout: (rollout) => gateway.setRollout(rollout),
    reload(next) {
      try {
        checkUnchanged(current, next)
        gateway.use(optionsOf(next))
        const { concurrency } = next.queue
        if (concurrency !== current.queue.concurrency) queue.setLimit(concurrency)
        current = next
        watch = watchProxies(next, parts)
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

/**
 * Warns, once for each configuration, of a proxy that is not trusted: all callers behind it would share one queue.
 *
 * @returns to be called with every request and the address of its socket
 */
function watchProxies(
  { network, publicUrl: own }: GatewayConfig,
  { note, url = own }: Pick<GatewayParts, 'note' | 'url'>,
): (request: Request, peer: string | null) => void {
  const proxies = parseTrustedProxies(network.trustedProxies)
  // Then TLS ends in a proxy, so that a remote peer is one.
  const isBehindTls = url?.startsWith('https:') === true
  let isWarned = false
  return ({ headers }, peer) => {
    if (isWarned) return
    const found = findForgottenProxy(peer, headers, proxies, network.forwardedHeader)
    if (found === undefined || (found === 'remote' && !isBehindTls)) return
    isWarned = true
    note?.(
      `A request with a header of a proxy came from ${found === 'loopback' ? `this machine (${peer})` : 'an address'} that network.trustedProxies does not have. If a proxy is in front, all its callers share one queue: name its address there, as "127.0.0.1".`,
    )
  }
}

function rulesOf({ auth, rollout }: GatewayConfig): readonly AuthConfig[] {
  return rollout.previous ? [auth, rollout.previous] : [auth]
}

/** Entries that a queue keeps for its whole lifetime. */
const fixed = [
  'maxWaiting',
  'maxKeys',
  'leaseSeconds',
  'failMode',
  'instances',
  'reservedForTokens',
] as const

/**
 * Refuses a new configuration that the running queue cannot apply.
 *
 * @throws FerryError `configuration`, naming the entries
 */
function checkUnchanged(
  { queue: before, metrics: countersBefore }: Pick<GatewayConfig, 'queue' | 'metrics'>,
  { queue: after, metrics: countersAfter }: Pick<GatewayConfig, 'queue' | 'metrics'>,
): void {
  const changed = [
    ...fixed.filter((name) => before[name] !== after[name]),
    // With scaling on, the limit in use may differ from `concurrency`, so a new value cannot replace it.
    ...(before.scaling.mode === 'on' && before.concurrency !== after.concurrency
      ? ['concurrency']
      : []),
    ...(JSON.stringify(before.scaling) === JSON.stringify(after.scaling) ? [] : ['scaling']),
  ].map((name) => `queue.${name}`)
  if (countersBefore.port !== countersAfter.port) changed.push('metrics.port')
  if (changed.length === 0) return
  throw new FerryError(
    'configuration',
    `The new configuration changes ${changed.join(', ')}, which cannot change at run time. Restart to apply it; the old configuration stays in force.`,
  )
}

/**
 * Lets the limit of a queue follow the load.
 *
 * @param queue whose limit is set, except in a dry run
 * @param config `concurrency` is the initial value
 * @param note receives each change
 * @returns observers of ended requests; none when the limit is fixed
 */
function scaleQueue(
  queue: Queue,
  { concurrency, scaling: { mode, ...rules } }: QueueConfig,
  { clock, note }: { readonly clock: Clock; readonly note?: (message: string) => void },
): readonly Observer[] {
  if (mode === 'off') return []
  const isDryRun = mode === 'dry-run'
  const scaling = createScaling({
    ...rules,
    initial: concurrency,
    dryRun: isDryRun,
    totals: () => queue.totals,
    onChange({ from, to, why }) {
      if (!isDryRun) queue.setLimit(to)
      note?.(`The queue's limit ${isDryRun ? 'would go' : 'goes'} from ${from} to ${to}: ${why}.`)
    },
    clock,
  })
  return [
    {
      ended({ waitMs, runMs, inFlight, outcome }) {
        // Requests without a slot do not measure the load. A service's own errors do not measure its capacity.
        if (waitMs === null || runMs === null || inFlight === null) return
        const counted = outcome === 'server-error' ? 'client-error' : outcome
        scaling.complete({ waitMs, runMs, outcome: counted, inFlight })
      },
    },
  ]
}

/** A quarter of the slots, so that requests without a token cannot hold all of them. */
function defaultReserve(concurrency: number): number {
  return Math.floor(concurrency / 4)
}
