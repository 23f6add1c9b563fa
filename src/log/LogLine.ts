/** What a line of the log tells of. */
export type LogEvent =
  | 'auth.decision'
  | 'queue.enter'
  | 'queue.start'
  | 'queue.reject'
  | 'queue.abort'
  | 'request.end'

/** One line of the log: the same shape for decisions, queueing and finished requests. Holds no token and no address. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly ts: string
  readonly event: LogEvent
  readonly requestId: string
  readonly service: string
  readonly kind: string
  readonly reason: string
  readonly tier: string | null
  /** User id or key id. */
  readonly subject: string | null
  readonly site: string | null
  /** Salted hash of the network prefix; the salt changes daily and is never written down. */
  readonly netHash: string
  readonly tokenSource: string | null
  readonly method: string
  /** Pattern, not URL. */
  readonly route: string
  readonly status: number | null
  readonly waitMs: number | null
  readonly runMs: number | null
  readonly queue: {
    readonly waiting: number
    readonly running: number
    readonly cap: number
    readonly max: number
  } | null
}
