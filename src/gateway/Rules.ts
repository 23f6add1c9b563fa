import type { GatewayOptions } from './GatewayOptions.ts'
import type { OwnAnswers } from './endpoints/createEndpoints.ts'
import type { Rollout } from './Rollout.ts'

/** Options of a gateway, checked and complete: what a request is under from its beginning to its end. */
export interface Rules
  extends
    Omit<Required<GatewayOptions>, 'log' | 'endpoints' | 'rollout'>,
    Pick<GatewayOptions, 'log'> {
  readonly rollout: Required<Omit<Rollout, 'previous'>> & Pick<Rollout, 'previous'>
  readonly own: OwnAnswers
  /** Of the whole gateway, whatever its rules are. */
  readonly load: Load
}

/** What is under way. */
export interface Load {
  /** Requests that hold a slot of the queue. */
  running: number
}
