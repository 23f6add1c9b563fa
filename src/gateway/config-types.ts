import type { ServiceAudit } from '../auth/index.ts'
import type { GatewayConfig } from '../config/index.ts'
import type { Clock } from '../core/index.ts'
import type { UsageSnapshot } from '../log/index.ts'
import type { Fetch } from '../net/index.ts'
import type { Queue } from '../queue/index.ts'
import type { Gateway, Service } from './types.ts'

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
  /** Refuses who waits and who comes, and ends what runs beside requests. */
  close(): void
}

/** What a configuration does not hold: the world around a gateway. */
export interface GatewayParts {
  /** Answers for services without an upstream: the embedded hub. Its own `cost` counts where the configuration has none. */
  readonly hub?: Omit<Service, 'name' | 'path'>
  /** Takes lines of the log, each with its line end. */
  readonly write: (text: string) => void
  /** Told what an operator should know; holds no token and no address of a caller. Default: nobody. */
  readonly note?: (message: string) => void
  /** Told of every call of the gateway's own endpoints for services. Default: nobody. */
  readonly audit?: (event: ServiceAudit) => void
  /** How servers elsewhere are asked. */
  readonly fetch?: Fetch
  readonly clock?: Clock
  /** 0 up to 1. */
  readonly random?: () => number
}
