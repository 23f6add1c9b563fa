// The fallback of a download when the CAS fails. Download calls fetchWithFallback; the policies below it are pure, and
// FileInfos compares responses of a hub by the same rule.
import { FerryError } from '../core/index.ts'
import { hashesIn } from '../address/index.ts'
import { RangeRefused } from './blocks.ts'
import { isTransient, retryDelay, type Waiting } from '../net/index.ts'
import type { FileInfo } from '../data/index.ts'
import type { DownloadTools } from './file-source.ts'

/** The operations of a download for {@link fetchWithFallback}. */
interface FallbackSteps {
  readonly info: FileInfo
  readonly signal: AbortSignal
  readonly outage: Outage
  /** Committed bytes of the file. */
  readonly held: () => number
  /** Fetches blocks in parallel: from the CAS, or by ranges of a plain server. */
  readonly byBlocks: () => Promise<void>
  /** Fetches from the file's own URL, one request at a time. @param ranges whether it may request ranges */
  readonly byOwnUrl: (ranges: boolean) => Promise<void>
  /** Requests the file info again; undefined: no answer. */
  readonly askAgain: () => Promise<FileInfo | undefined>
  /** Applies the new CAS location of the hub's second answer. */
  readonly moved: (info: FileInfo) => void
  /** Prepares the use of the file's own URL. @param first whether it is the first time */
  readonly beforeOwnUrl: (reason: unknown, first: boolean) => Promise<void>
  /** Plans the missing parts again. */
  readonly replan: () => void
}

/**
 * Downloads the missing parts. When the CAS fails after all retries, the file info is requested again. Then the rest
 * is fetched from the file's own URL, if a SHA-256 proves the result. When that is unreachable too, both are tried in
 * turn until the outage has lasted too long.
 *
 * @returns the source of the last bytes
 * @throws FerryError `integrity` where the hub describes another file in the second answer; the error of the CAS; the
 *   signal's reason
 */
export async function fetchWithFallback(
  steps: FallbackSteps,
): Promise<'blocks' | 'sequence' | 'own-url'> {
  const { info, signal, outage } = steps
  let doubted = info.xetHash === undefined
  let usedOwnUrl = false
  for (let held = -1; ;) {
    try {
      await steps.byBlocks()
      return 'blocks'
    } catch (error) {
      signal.throwIfAborted()
      const next = nextStepAfter(error)
      if (next === 'stop') throw error
      if (next === 'sequence') {
        await steps.byOwnUrl(false)
        return 'sequence'
      }
      const second = doubted ? undefined : await steps.askAgain()
      signal.throwIfAborted()
      doubted = true
      const change = secondAnswer(info, second)
      if (change === 'another') throw contradiction(info.url)
      if (change === 'moved' && second) steps.moved(second)
      else {
        if (!mayUseOwnUrl(info, error)) throw error
        await steps.beforeOwnUrl(error, !usedOwnUrl)
        usedOwnUrl = true
        const failure = await steps.byOwnUrl(true).then(
          () => undefined,
          (failed: unknown) => ({ failed }),
        )
        if (failure === undefined) return 'own-url'
        signal.throwIfAborted()
        if (!mayRecover(failure.failed)) throw error
        if (steps.held() > held) outage.over()
        held = steps.held()
        if (!(await outage.wait(error, info.url))) throw error
      }
      steps.replan()
    }
  }
}

/**
 * The next step after a failure: `stop` with the error; fetch the file by sequential requests (`sequence`); or
 * request the file info again (`doubt`).
 */
export function nextStepAfter(error: unknown): 'stop' | 'sequence' | 'doubt' {
  if (error instanceof RangeRefused) return 'sequence'
  // Errors of the device itself are final, for any source of the bytes.
  const local = ['quota', 'storage', 'superseded', 'closed', 'aborted']
  return error instanceof FerryError && !local.includes(error.code) ? 'doubt' : 'stop'
}

/**
 * The meaning of a hub's second answer for a download that began with the first: `another` file, the same one at
 * another location (`moved`), or unchanged (`same`).
 *
 * @param second undefined: the hub could not be asked, or refused
 */
export function secondAnswer(
  first: FileInfo,
  second: FileInfo | undefined,
): 'same' | 'moved' | 'another' {
  if (second === undefined) return 'same'
  if (!isSameFile(first, second)) return 'another'
  return first.tokenUrl === second.tokenUrl ? 'same' : 'moved'
}

/** Whether two answers about one URL may describe the same bytes: all values that both contain are equal. */
export function isSameFile(
  a: Pick<FileInfo, 'size' | 'xetHash' | 'sha256'>,
  b: Pick<FileInfo, 'size' | 'xetHash' | 'sha256'>,
): boolean {
  return a.size === b.size && mayEqual(a.xetHash, b.xetHash) && mayEqual(a.sha256, b.sha256)
}

function mayEqual(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other
}

/**
 * Whether the rest of a file may come from its own URL. A SHA-256 must prove it, and its length must be certain:
 * pages have already received it as `Content-Length`.
 *
 * @param error error of the CAS
 */
export function mayUseOwnUrl({ xetHash, content }: FileInfo, error: unknown): boolean {
  const lengthDiffers = error instanceof FerryError && error.errorCode === 'LengthDiffers'
  return xetHash !== undefined && hashesIn(content).sha256 !== undefined && !lengthDiffers
}

/**
 * Failures without progress after which the other source is tried. In an outage of all hosts the own URL has only one
 * try at a time. Storage is then usually the first to answer, and its bytes are proven and delivered as they arrive.
 *
 * @param reason why the own URL is tried; undefined: it has brought bytes, or this is storage
 * @returns undefined: there is no other source
 */
export function mostTries(info: FileInfo, reason?: unknown): number | undefined {
  if (!mayUseOwnUrl(info, undefined)) return undefined
  return isUnreachable(reason) ? 1 : 3
}

/** Whether both sources are tried again later, after the file's own URL has failed too. */
function mayRecover(error: unknown): boolean {
  return isUnreachable(error) || isBusy(error)
}

/** The error for a file that the hub describes differently in its second answer. */
function contradiction(url: string): FerryError {
  return new FerryError(
    'integrity',
    'The hub describes the file differently when it is asked again. Ask for the file again.',
    { url, retryable: true },
  )
}

/** Maximum number of times that the same bytes may be wrong. */
const mostRepairs = 3

/** Counts the repairs of a file, by xorb. */
export class RepairLimit {
  readonly #url: string
  readonly #times = new Map<string, number>()

  /** @param url of the file, for the error */
  constructor(url: string) {
    this.#url = url
  }

  get any(): boolean {
    return this.#times.size > 0
  }

  /**
   * @param what the damaged xorb; '' for the whole file
   * @throws FerryError `integrity` when it happened too often
   */
  count(what: string): void {
    const times = (this.#times.get(what) ?? 0) + 1
    this.#times.set(what, times)
    if (times > mostRepairs) throw this.exceeded()
  }

  exceeded(): FerryError {
    return new FerryError(
      'integrity',
      'The file does not match its hash, also after it was fetched again. Nothing was kept; it is damaged where it is stored.',
      { url: this.#url },
    )
  }
}

/** After a longer pause another source is tried, milliseconds. */
const fallbackPauseMs = 60_000

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
  #last: { readonly at: number; readonly delay: number } | undefined
  #lastedMs = 0
  #failures = 0
  #answered = 0

  constructor(tools: Pick<DownloadTools, 'net' | 'online'>, context: OutageContext) {
    this.#tools = tools
    this.#context = context
  }

  /** A longer pause by a server counts as a failure, milliseconds. */
  get longestPauseMs(): number {
    const { outageMs } = this.#tools.net.retry
    return this.#context.most === undefined ? outageMs : Math.min(outageMs, fallbackPauseMs)
  }

  /** Failures since the last progress. */
  get failures(): number {
    return this.#failures
  }

  /** Resets the count after progress. */
  over(): void {
    this.#last = undefined
    this.#lastedMs = 0
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
    const { at, delay: waited } = this.#last ?? { at: now, delay: 0 }
    // One try takes no longer: more means that the device slept, or that its clock was set.
    const longest = waited + retry.firstByteMs + retry.stallMs
    this.#lastedMs += Math.min(Math.max(0, now - at), longest)
    this.#failures += 1
    const pause = isBusy(error) ? backoff.left(url) : 0
    if (!isUnreachable(error) && pause === 0) this.#answered += 1
    const delay = pause || retryDelay(retry, { failures: this.#failures, random: random() })
    this.#last = { at: now, delay }
    const late = this.#lastedMs + delay > retry.outageMs
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
