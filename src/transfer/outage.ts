import { FerryError } from '../core/index.ts'
import { isTransient, retryDelay, type Waiting } from '../net/index.ts'
import type { DownloadTools } from './file-source.ts'

/** After a longer pause another source is tried, milliseconds. */
const otherWayMs = 60_000

interface OutageContext {
  readonly signal: AbortSignal
  /** Failures without progress after which another source is tried; undefined: by the retry policy. */
  readonly most?: number | undefined
  readonly waiting: Waiting
}

/**
 * Counts one request's failures without progress. Requests without a response are retried until the outage has lasted
 * `outageMs`. Refusals are counted instead, because waiting does not change them.
 */
export class Outage {
  readonly #tools: Pick<DownloadTools, 'net' | 'online'>
  readonly #context: OutageContext
  #since: number | undefined
  #failures = 0
  #answered = 0

  constructor(tools: Pick<DownloadTools, 'net' | 'online'>, context: OutageContext) {
    this.#tools = tools
    this.#context = context
  }

  /** A longer pause by a server counts as a failure, milliseconds. */
  get longestPauseMs(): number {
    const { outageMs } = this.#tools.net.retry
    return this.#context.most === undefined ? outageMs : Math.min(outageMs, otherWayMs)
  }

  /** Failures since the last progress. */
  get failures(): number {
    return this.#failures
  }

  /** Resets the count after progress. */
  over(): void {
    this.#since = undefined
    this.#failures = 0
    this.#answered = 0
  }

  /**
   * Waits before the next try.
   *
   * @param url of the failed request
   * @returns false, at once, when too many tries failed
   * @throws the signal's reason
   */
  async wait(error: unknown, url: string): Promise<boolean> {
    const { net, online } = this.#tools
    const { signal, waiting, most = Infinity } = this.#context
    const { clock, retry, backoff, random } = net
    const now = clock.now()
    this.#since ??= now
    this.#failures += 1
    const pause = isBusy(error) ? backoff.left(url) : 0
    if (!isUnreachable(error) && pause === 0) this.#answered += 1
    const delay = pause || retryDelay(retry, { failures: this.#failures, random: random() })
    const late = now + delay - this.#since > retry.outageMs
    const tooLong = pause > this.longestPauseMs
    if (late || tooLong || this.#answered >= retry.attempts || this.#failures >= most) return false
    waiting(now + delay, error, pause > 0)
    await clock.sleep(delay, signal)
    await online(signal)
    return true
  }
}

/** Whether no server was reached, or the connection to it broke. */
export function isUnreachable(error: unknown): boolean {
  return (
    error instanceof FerryError &&
    error.status === undefined &&
    ['network', 'timeout'].includes(error.code)
  )
}

/** Whether a busy server may have caused it. */
export function isBusy(error: unknown): boolean {
  return error instanceof FerryError && error.status !== undefined && isTransient(error.status)
}
