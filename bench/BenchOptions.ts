/** What a run of the bench is told. */
export interface BenchOptions {
  readonly name: 'load' | 'memory' | 'codec' | 'auth' | 'wake'
  /** Size of the made-up file, bytes. */
  readonly size: number
  /** Rounds that count; one more goes before them. */
  readonly rounds: number
  /** Added to every round trip to the hub and its storage, milliseconds; 0: none. */
  readonly latencyMs: number
  /** Most that one connection carries, bytes per second; Infinity: no limit. */
  readonly bytesPerSecond: number
  /** Where the samples go, as JSON. */
  readonly json?: string
}
