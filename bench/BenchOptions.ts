/** Options of a benchmark run. */
export interface BenchOptions {
  readonly name:
    | 'line'
    | 'load'
    | 'memory'
    | 'page'
    | 'pipeline'
    | 'small'
    | 'codec'
    | 'auth'
    | 'sim'
    | 'update'
    | 'wake'
    | 'warm'
  /** Size of the synthetic file, bytes. */
  readonly size: number
  /** Measured rounds; one warm-up round precedes them. */
  readonly rounds: number
  /** Added to every round trip to the hub and its storage, milliseconds; 0: none. */
  readonly latencyMs: number
  /** Bandwidth of one connection, bytes per second; Infinity: no limit. */
  readonly bytesPerSecond: number
  /** File for the samples, as JSON. */
  readonly json?: string
}
