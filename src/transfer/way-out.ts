// What a download does when the way by the CAS fails. Download calls bringEitherWay; the policies below it are pure,
// and FileInfos compares answers of a hub by the same rule.
import { FerryError } from '../core/index.ts'
import { RangeRefused } from './blocks.ts'
import { isBusy, isUnreachable, type Outage } from './outage.ts'
import type { FileInfo } from '../protocol/index.ts'

/** How a download fetches what is missing of a file, and what it does in between. */
export interface Ways {
  readonly info: FileInfo
  readonly signal: AbortSignal
  readonly outage: Outage
  /** Bytes of the file that are here. */
  readonly held: () => number
  /** Fetches blocks side by side: by the CAS, or by ranges of a plain server. */
  readonly byBlocks: () => Promise<void>
  /** Fetches from the file's own URL, by one request at a time. @param ranges whether it may ask for ranges */
  readonly byOwnUrl: (ranges: boolean) => Promise<void>
  /** Asks the hub once more what the file is; undefined: it does not say. */
  readonly askAgain: () => Promise<FileInfo | undefined>
  /** Takes the CAS's new place from the hub's second answer. */
  readonly moved: (info: FileInfo) => void
  /** Gets ready for the file's own URL. @param first whether that is news */
  readonly passBy: (reason: unknown, first: boolean) => Promise<void>
  /** Plans anew what is missing. */
  readonly replan: () => void
}

/**
 * Brings what is missing. Where the way by the CAS fails after all its repetitions, the hub is asked once more what
 * the file is. Then the rest comes from the file's own URL, provided that a SHA-256 proves the result; where that
 * cannot be reached either, both are tried in turn until the outage has lasted too long.
 *
 * @returns by which way the last bytes came
 * @throws FerryError `integrity` where the hub describes another file when asked again; what the CAS failed with; the
 *   signal's reason
 */
export async function bringEitherWay(ways: Ways): Promise<'blocks' | 'sequence' | 'own-url'> {
  const { info, signal, outage } = ways
  let doubted = info.xetHash === undefined
  let told = false
  for (let held = -1; ;) {
    try {
      await ways.byBlocks()
      return 'blocks'
    } catch (error) {
      signal.throwIfAborted()
      const next = afterFailedWay(error)
      if (next === 'stop') throw error
      if (next === 'sequence') {
        await ways.byOwnUrl(false)
        return 'sequence'
      }
      const second = doubted ? undefined : await ways.askAgain()
      signal.throwIfAborted()
      doubted = true
      const news = secondAnswer(info, second)
      if (news === 'another') throw contradiction(info.url)
      if (news === 'moved' && second) ways.moved(second)
      else {
        if (!mayUseOwnUrl(info, error)) throw error
        await ways.passBy(error, !told)
        told = true
        const failure = await ways.byOwnUrl(true).then(
          () => undefined,
          (failed: unknown) => ({ failed }),
        )
        if (failure === undefined) return 'own-url'
        signal.throwIfAborted()
        if (!mayRecover(failure.failed)) throw error
        if (ways.held() > held) outage.over()
        held = ways.held()
        if (!(await outage.wait(error, info.url))) throw error
      }
      ways.replan()
    }
  }
}

/**
 * The next step after a failure: `stop` and pass it on; fetch the file by one request after the other (`sequence`);
 * or doubt what the hub said of the file, and ask it once more (`doubt`).
 */
export function afterFailedWay(error: unknown): 'stop' | 'sequence' | 'doubt' {
  if (error instanceof RangeRefused) return 'sequence'
  // What the device itself fails with stays as it is, by whatever way the bytes come.
  const local = ['quota', 'storage', 'superseded', 'closed', 'aborted']
  return error instanceof FerryError && !local.includes(error.code) ? 'doubt' : 'stop'
}

/**
 * What a hub's second answer means for a download that began with the first: `another` file, the same one in another
 * place (`moved`), or nothing new (`same`).
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

/** Whether two answers about one address may be of the same bytes: what both of them tell is equal. */
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
 * Whether the rest of a file may come from its own URL. A SHA-256 has to prove it, and its length has to be certain:
 * pages already have it as `Content-Length`.
 *
 * @param error the way by the CAS failed with
 */
export function mayUseOwnUrl({ xetHash, sha256 }: FileInfo, error: unknown): boolean {
  const lengthDiffers = error instanceof FerryError && error.errorCode === 'LengthDiffers'
  return xetHash !== undefined && sha256 !== undefined && !lengthDiffers
}

/** Whether both ways are tried again later, once the file's own URL has failed as well. */
export function mayRecover(error: unknown): boolean {
  return isUnreachable(error) || isBusy(error)
}

/** The error for a file of which the hub says something else when it is asked again. */
export function contradiction(url: string): FerryError {
  return new FerryError(
    'integrity',
    'The hub describes the file differently when it is asked again. What came by the first description is dropped. Ask for the file again.',
    { url, retryable: true },
  )
}

/** Times the same bytes may turn out wrong before the file is given up. */
const most = 3

/** Counts how often what was wrong with a file. */
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
   * @param what xorb that was damaged; '' for the file as a whole
   * @throws FerryError `integrity` when it was so too often
   */
  count(what: string): void {
    const times = (this.#times.get(what) ?? 0) + 1
    this.#times.set(what, times)
    if (times > most) throw this.exceeded()
  }

  exceeded(): FerryError {
    return new FerryError(
      'integrity',
      'The file does not match its hash, also after it was fetched again. Nothing was kept; it is damaged where it is stored.',
      { url: this.#url },
    )
  }
}
