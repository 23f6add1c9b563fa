import { SharedDownload } from './shared-download.ts'
import type { Wanted } from './file-source.ts'

/** Exponentially weighted average: a value that is one half-life old has half the weight. */
interface Average {
  readonly sum: number
  readonly weight: number
}

/** @param ages how long the value lasted, in half-lives */
function averaged({ sum, weight }: Average, value: number, ages: number): Average {
  const keep = 0.5 ** ages
  return { sum: sum * keep + value * (1 - keep), weight: weight * keep + (1 - keep) }
}

/** 0 before the first value. Divided by the weight, or early values would be drawn to zero. */
function valueOf({ sum, weight }: Average): number {
  return weight === 0 ? 0 : sum / weight
}

/** Half-lives of a quick and a slow average of the rate, milliseconds. */
const fastMs = 3000
const slowMs = 15_000
/** Shortest measured interval, milliseconds. */
const sampleMs = 250

/** Counts received bytes, over all connections of a transfer. */
export class TransferMeter {
  readonly #now: () => number
  #fast: Average = { sum: 0, weight: 0 }
  #slow = this.#fast
  #since: number
  #bytes = 0
  /** Bytes from the network so far. */
  total = 0

  constructor(now: () => number) {
    this.#now = now
    this.#since = now()
  }

  arrived(bytes: number): void {
    this.total += bytes
    this.#bytes += bytes
    const ms = this.#now() - this.#since
    if (ms < sampleMs) return
    const rate = (this.#bytes * 1000) / ms
    this.#fast = averaged(this.#fast, rate, ms / fastMs)
    this.#slow = averaged(this.#slow, rate, ms / slowMs)
    this.#bytes = 0
    this.#since += ms
  }

  /** The smaller average: a drop applies at once, and a burst only when it lasts. */
  get bytesPerSecond(): number {
    return Math.round(Math.min(valueOf(this.#fast), valueOf(this.#slow)))
  }
}

/** Activity of the connections of a download. */
export interface LineView {
  /** Milliseconds of any clock. */
  readonly now: number
  /** Bytes from the network so far. */
  readonly received: number
  /** Connections that fetch what readers wait for. */
  readonly urgent: number
  /** Connections that fetch other bytes. */
  readonly other: number
  /** Tasks that readers wait for and that have no connection. */
  readonly queued: number
}

/** A line below this rate is worth a trial whether its connections share it, bytes per second. */
const slowLine = 8e6
/** Time in which the ended requests are let go before a trial measures, milliseconds. */
const settleMs = 400
/** Time for which a trial measures, milliseconds. */
const trialMs = 1000
/** A line whose connections have their own rates is not tried again for this time, milliseconds. */
const spreadMs = 60_000
/** Share of the rate that fewer connections must keep. */
const kept = 0.75

/** A time in which only urgent connections receive. */
interface Trial {
  /** Bytes per second before. */
  readonly rate: number
  /** When the measurement began, or when the other connections were told to end. */
  readonly since: number
  readonly received: number
  readonly settled: boolean
}

/** Shortest time between two checks of the connections, milliseconds. */
export const steerMs = 250

/**
 * Decides which connections end early, so that what readers wait for comes first. They end if urgent tasks have no
 * connection, and also if all connections share one slow line: then each byte that no reader waits for delays those that
 * readers wait for. A line is shared if it is as fast without them, which a trial shows.
 */
export class Steering {
  /** Whether only urgent tasks are to be started. */
  onlyUrgent = false
  #trial: Trial | undefined
  #spreadUntil = -Infinity
  #lookedAt = 0
  #queuedBefore = false
  #window: { readonly since: number; readonly received: number; readonly open: number } | undefined

  /** Whether the connections are due for another check; if so, the check counts as made at this time. */
  isDue(now: number): boolean {
    if (Math.abs(now - this.#lookedAt) < steerMs) return false
    this.#lookedAt = now
    return true
  }

  /** @returns how many of the other connections must end */
  next(view: LineView): number {
    const { now, urgent, other, queued } = view
    const waits = this.#queuedBefore
    this.#queuedBefore = queued > 0 && other > 0
    if (this.#trial) this.#judge(this.#trial, view)
    // A wait of one check may end by itself.
    if (queued > 0 && other > 0) return waits ? Math.min(queued, other) : 0
    if (this.onlyUrgent) return other
    const rate = this.#rate(view)
    if (urgent === 0 || other === 0 || now < this.#spreadUntil) return 0
    if (rate === undefined || rate >= slowLine) return 0
    this.onlyUrgent = true
    this.#trial = { rate, since: now, received: 0, settled: false }
    return other
  }

  #judge(trial: Trial, { now, received, urgent }: LineView): void {
    // The readers got their bytes before the trial was over.
    if (urgent === 0) return this.#end()
    // The clock may be set back.
    const passed = Math.abs(now - trial.since)
    if (!trial.settled) {
      if (passed >= settleMs) this.#trial = { ...trial, since: now, received, settled: true }
      return
    }
    if (passed < trialMs) return
    const rate = ((received - trial.received) * 1000) / passed
    this.#trial = undefined
    if (rate >= kept * trial.rate) return
    this.#spreadUntil = now + spreadMs
    this.#end()
  }

  #end(): void {
    this.onlyUrgent = false
    this.#trial = undefined
    this.#window = undefined
  }

  /** Rate of the last second or more with the same number of connections. */
  #rate({ now, received, urgent, other }: LineView): number | undefined {
    const open = urgent + other
    if (this.#window?.open !== open) this.#window = { since: now, received, open }
    const passed = now - this.#window.since
    if (passed < trialMs) return undefined
    const rate = ((received - this.#window.received) * 1000) / passed
    this.#window = { since: now, received, open }
    return rate
  }
}

/** Another realm's wait is forgotten if it is not repeated within this time, milliseconds. */
const wantMs = 5000

/** A file that this realm may fetch: it knows what readers of all realms wait for. */
export class OwnDownload extends SharedDownload {
  /** Positions that readers of other realms wait for, by realm. */
  readonly #wants = new Map<
    string,
    { positions: readonly number[]; inside: readonly number[]; until: number }
  >()

  /** The ranges that readers wait for, in order of arrival; those of other realms last. */
  wanted(): Wanted[] {
    const now = performance.now()
    const others = [...this.#wants.values()].filter(({ until }) => now < until)
    const [own, inside] = this.waits()
    const positions = new Set([...own, ...others.flatMap((other) => other.positions)])
    const within = new Set([...inside, ...others.flatMap((other) => other.inside)])
    return [...positions].map((start) => ({
      start,
      end: start + 1,
      ...(within.has(start) && { inside: true }),
    }))
  }

  /**
   * Readers of another realm wait for these positions.
   *
   * @param inside those of readers whose range ends inside the file
   */
  want(realm: string, positions: readonly number[], inside: readonly number[] = positions): void {
    this.#wants.set(realm, { positions, inside, until: performance.now() + wantMs })
  }
}
