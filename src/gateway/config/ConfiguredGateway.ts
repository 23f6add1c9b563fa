import type { GatewayConfig } from '../../config/GatewayConfig.ts'
import type { UsageSnapshot } from '../../log/usage/UsageSnapshot.ts'
import type { Queue } from '../../queue/Queue.ts'
import type { Gateway } from '../Gateway.ts'

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
