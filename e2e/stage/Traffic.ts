import type { HubLog, LogEntry, RequestKind } from 'modelferry/hub'

/** What reached the hub, from its log. */
export class Traffic {
  readonly #log: HubLog
  /** When answers were over, epoch milliseconds. */
  readonly #ends = new Map<LogEntry, number>()

  constructor(log: HubLog) {
    this.#log = log
    log.listen((entry) => this.#ends.set(entry, Date.now()))
  }

  /** All but preflights, oldest first. */
  get all(): LogEntry[] {
    return this.#log.entries.filter(({ kind }) => kind !== 'preflight')
  }

  of(kind: RequestKind): LogEntry[] {
    return this.#log.entries.filter((entry) => entry.kind === kind)
  }

  /** Those that were answered with 400 to 499; the hub enters requests given up by the page as 500. */
  refused(kind: RequestKind): LogEntry[] {
    return this.of(kind).filter(({ status }) => status >= 400 && status < 500)
  }

  /** Bytes of bodies. */
  bytes(kind: RequestKind): number {
    return this.of(kind).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** How many requests of a kind were under way at the same time, at most. */
  overlap(kind: RequestKind): number {
    const entries = this.of(kind)
    const end = (entry: LogEntry): number => this.#ends.get(entry) ?? Number.POSITIVE_INFINITY
    const together = entries.map(
      ({ at }) => entries.filter((other) => other.at <= at && at < end(other)).length,
    )
    return Math.max(0, ...together)
  }

  /** Ranges that were answered in full more than once: work done twice. */
  repeated(): string[] {
    const seen = new Set<string>()
    return this.of('xorb')
      .filter(({ status }) => status < 400)
      .map(({ path, range }) => `${path} ${range}`)
      .filter((each) => seen.has(each) || !seen.add(each))
  }

  /**
   * Does something once, in the moment in which the nth answer of a kind from now on is over, before
   * anything else can happen.
   */
  after(kind: RequestKind, nth: number, action: () => void): void {
    let seen = 0
    const stop = this.#log.listen((entry) => {
      if (entry.kind !== kind || ++seen < nth) return
      stop()
      action()
    })
  }

  /** Forgets what came so far. */
  clear(): void {
    this.#log.clear()
  }
}
