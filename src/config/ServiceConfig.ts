/** Something that stands behind the gateway. */
export interface ServiceConfig {
  /** Names it in logs. */
  readonly name: string
  /** Begins and ends with a slash; of several that fit, the longest has the request. */
  readonly path: string
  /** Without a slash at its end. None: the embedded hub. */
  readonly upstream?: string
  readonly credential?: ServiceKey
  /** The first that fits a request says what it costs; none does: 1. */
  readonly costs: readonly CostConfig[]
  /** Seconds that the service may take to begin its answer. */
  readonly timeoutSeconds: number
}

/** Who a service is, and what it signs with. */
export interface ServiceKey {
  readonly keyId: string
  readonly secret: string
}

/** Who may call this gateway's own endpoints. */
export interface CallerKey extends ServiceKey {
  /** Whose key it is: two of one service may be there at once, so that it can be changed. */
  readonly service?: string
}

/** What a request counts for. */
export interface CostConfig {
  /** A path in which `*` stands for anything. */
  readonly path: string
  /** Upper-case; none: all methods. */
  readonly method?: string
  /** Starts that it counts for; 0: only concurrency counts. */
  readonly cost: number
}
