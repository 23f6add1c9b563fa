import type { ServiceAudit } from '../../auth/service/ServiceAudit.ts'
import type { Clock } from '../../core/Clock.ts'
import type { Fetch } from '../../net/Fetch.ts'
import type { Service } from '../Service.ts'

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
