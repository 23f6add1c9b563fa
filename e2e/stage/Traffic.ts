import type { HubLog, LogEntry, RequestKind } from 'modelferry/hub'

/** The requests that reached the hub, from its log. */
export class Traffic {
  readonly #log: HubLog
  /** End of each response, epoch milliseconds. */
  readonly #ends = new Map<LogEntry, number>()

  constructor(log: HubLog) {
    this.#log = log
    log.listen((entry) => this.#ends.set(entry, Date.now()))
  }

  /** All requests except preflights, oldest first. */
  get all(): LogEntry[] {
    return this.#log.entries.filter(({ kind }) => kind !== 'preflight')
  }

  of(kind: RequestKind): LogEntry[] {
    return this.#log.entries.filter((entry) => entry.kind === kind)
  }

  /** Requests that were answered with 400 to 499. The hub logs requests that the page aborted as 500. */
  refused(kind: RequestKind): LogEntry[] {
    return this.of(kind).filter(({ status }) => status >= 400 && status < 500)
  }

  /** Bytes of bodies. */
  bytes(kind: RequestKind): number {
    return this.of(kind).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Maximum number of concurrent requests of a kind. */
  overlap(kind: RequestKind): number {
    const entries = this.of(kind)
    const end = (entry: LogEntry): number => this.#ends.get(entry) ?? Number.POSITIVE_INFINITY
    const together = entries.map(
      ({ at }) => entries.filter((other) => other.at <= at && at < end(other)).length,
    )
    return Math.max(0, ...together)
  }

  /** Ranges that were delivered completely more than once. */
  repeated(): string[] {
    const seen = new Set<string>()
    return this.of('xorb')
      .filter(({ status }) => status < 400)
      .map(({ path, range }) => `${path} ${range}`)
      .filter((each) => seen.has(each) || !seen.add(each))
  }

  /**
   * Runs an action once, synchronously after the nth response of a kind from now on has ended.
   */
  after(kind: RequestKind, nth: number, action: () => void): void {
    let seen = 0
    const stop = this.#log.listen((entry) => {
      if (entry.kind !== kind || ++seen < nth) return
      stop()
      action()
    })
  }

  /** Clears the recorded requests. */
  clear(): void {
    this.#log.clear()
  }
}
