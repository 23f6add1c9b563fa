import { FerryError } from '../core/index.ts'
import { isTransient, retryDelay } from '../net/index.ts'
import type { DownloadTools } from './file-source.ts'

/** A pause beyond this is worth another way to the bytes, milliseconds. */
const otherWayMs = 60_000

interface OutageContext {
  readonly signal: AbortSignal
  /** Failures without progress after which another way is tried; undefined: as long as the policy says. */
  readonly most?: number | undefined
  /** Told until when it waits before the next try, local epoch milliseconds, and why. */
  readonly waiting: (until: number, reason: unknown) => void
}

/**
 * One request's failures without progress. What no server answered is tried again until the outage has lasted
 * `outageMs`; answers that say no are counted instead, since waiting does not change them.
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

  /** A server that asks to be left alone for longer has failed, milliseconds. */
  get longestPauseMs(): number {
    const { outageMs } = this.#tools.net.retry
    return this.#context.most === undefined ? outageMs : Math.min(outageMs, otherWayMs)
  }

  /** Failures since the last progress. */
  get failures(): number {
    return this.#failures
  }

  /** Something arrived. */
  over(): void {
    this.#since = undefined
    this.#failures = 0
    this.#answered = 0
  }

  /**
   * Waits before the next try.
   *
   * @param url that was asked
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
    waiting(now + delay, error)
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

/** Whether a server that is busy may have caused it. */
export function isBusy(error: unknown): boolean {
  return error instanceof FerryError && error.status !== undefined && isTransient(error.status)
}
