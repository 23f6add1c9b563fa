/** The queue as a whole. */
export interface QueueConfig {
  /** Runs at once, over all keys. */
  readonly concurrency: number
  /** Waiting at once, over all keys. */
  readonly maxWaiting: number
  /** Keys in memory. */
  readonly maxKeys: number
  /** Seconds after which a slot that nobody renews is free again. */
  readonly leaseSeconds: number
  /** What happens when the store of limits fails: go on with limits of this process, let all in, let nobody in. */
  readonly failMode: 'local' | 'open' | 'closed'
  /** How many gateways share the limits; each keeps its part of them while the store fails. */
  readonly instances: number
  readonly scaling: ScalingConfig
}

/** How {@link QueueConfig.concurrency} follows the load. It begins with the value that is written there. */
export interface ScalingConfig {
  /** `dry-run` tells what it would do. */
  readonly mode: 'off' | 'dry-run' | 'on'
  readonly min: number
  readonly max: number
  /** Milliseconds. */
  readonly windowMs: number
  readonly minSamples: number
  /** Added after a good window that was used. */
  readonly increase: number
  /** Multiplied by after an overload. */
  readonly decrease: number
  readonly targetUtilisation: number
  readonly latencyTolerance: number
  readonly cooldownWindows: number
}
