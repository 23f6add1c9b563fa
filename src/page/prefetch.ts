import { FerryError, orAborted } from '../core/index.ts'
import type {
  FerryEventMap,
  FileChange,
  LoadedFile,
  LoadState,
  RevisionChange,
} from '../protocol/index.ts'

/** How a prefetch is watched and ended. */
export interface PrefetchOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (state: LoadState) => void
}

/**
 * Files being brought onto the device; awaiting it waits for all of them.
 *
 * @example
 * const load = ferry.prefetch([url]); pauseButton.onclick = () => load.pause(); await load
 */
export class Prefetch implements PromiseLike<void> {
  readonly #done: Promise<void>
  readonly #load: (url: string, signal: AbortSignal) => Promise<void>
  readonly #signal: AbortSignal | undefined
  #run = new AbortController()
  #resumed: Promise<void> = Promise.resolve()
  #resume: () => void = () => undefined

  /** @param load brings one file; what is committed when its signal is aborted is kept */
  constructor(
    urls: readonly string[],
    load: (url: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal | undefined,
  ) {
    this.#load = load
    this.#signal = signal
    this.#done = this.#all(urls)
    this.#done.catch(() => undefined)
  }

  /** Ends the requests under way; nothing that is here is lost. */
  pause(): void {
    if (this.#run.signal.aborted) return
    this.#resumed = new Promise((resolve) => {
      this.#resume = resolve
    })
    this.#run.abort(new FerryError('aborted', 'Paused.'))
  }

  resume(): void {
    if (!this.#run.signal.aborted) return
    this.#run = new AbortController()
    this.#resume()
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting it is its purpose
  then<Result = void, Failure = never>(
    onDone?: ((value: void) => Result | PromiseLike<Result>) | null,
    onFailure?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    return this.#done.then(onDone, onFailure)
  }

  async #all(urls: readonly string[]): Promise<void> {
    for (const url of urls) await this.#one(url)
  }

  async #one(url: string): Promise<void> {
    for (;;) {
      this.#signal?.throwIfAborted()
      await orAborted(this.#resumed, this.#signal)
      const run = this.#run.signal
      try {
        return await this.#load(url, this.#signal ? AbortSignal.any([run, this.#signal]) : run)
      } catch (error) {
        if (!run.aborted || this.#signal?.aborted) throw error
      }
    }
  }
}

/** The state of a file of which the hub has said nothing yet. */
const unknown: Omit<LoadState, 'url' | 'phase'> = {
  content: '',
  size: 0,
  held: 0,
  committed: [],
  releasable: [],
  inFlight: [],
  fetched: 0,
  reused: 0,
  bytesPerSecond: 0,
}

/**
 * What a prefetch's caller hears of its files. News come over a channel of their own and may be late: that a
 * file is complete is told when its load ends, once, whether or not the news of it were here by then.
 */
export class PrefetchProgress {
  readonly #tell: (state: LoadState) => void
  /** The last news of every file that is wanted. */
  readonly #last: Map<string, LoadState | undefined>

  /** @param urls absolute; a fragment does not count */
  constructor(urls: readonly string[], tell: (state: LoadState) => void) {
    this.#last = new Map(urls.map((url) => [url.split('#', 1)[0] ?? '', undefined]))
    this.#tell = tell
  }

  heard(state: LoadState): void {
    if (!this.#last.has(state.url) || this.#last.get(state.url)?.phase === 'complete') return
    this.#last.set(state.url, state)
    this.#tell(state)
  }

  /** A request of a load waits; where the load itself tells of its state, that says so as well. */
  waits({ url, origin, until, reason }: FerryEventMap['waiting']): void {
    if (!this.#last.get(url)?.content)
      this.heard({ ...unknown, url, phase: 'waiting', waiting: { origin, until, reason } })
  }

  complete({ url, content, size }: LoadedFile): void {
    const whole = [{ start: 0, end: size }]
    const { waiting: _, ...last } = this.#last.get(url) ?? unknown
    this.heard({
      ...last,
      url,
      content,
      size,
      phase: 'complete',
      held: size,
      committed: whole,
      releasable: whole,
      proven: whole,
      inFlight: [],
    })
  }
}

/** Where an update finds what it brings. */
export interface UpdateWork {
  /** Brings files of the new commit onto the device; `paths` within the repository. */
  readonly bring: (paths: readonly string[], options: PrefetchOptions) => Prefetch
  /** Makes the new commit the branch's. */
  readonly move: (signal: AbortSignal | undefined) => Promise<void>
}

/** What a newer revision of a repository would change on this device: what `ferry.update()` gives. */
export class Update implements RevisionChange {
  /** The commit that is here, 40 hex. */
  readonly from: string
  /** The hub's newest commit, 40 hex; the same when there is nothing new. */
  readonly to: string
  readonly files: readonly FileChange[]
  /** Bytes that would have to be fetched, unpacked: chunks that are here cost nothing. */
  readonly bytes: number
  readonly #work: UpdateWork

  constructor({ from, to, files, bytes }: RevisionChange, work: UpdateWork) {
    this.from = from
    this.to = to
    this.files = files
    this.bytes = bytes
    this.#work = work
  }

  /**
   * Brings the new revision onto the device, and then makes it what pages get: all files at once. Pages that
   * are open go on with the revision they have seen; they get the new one when they are loaded again. When it
   * fails or is cancelled the old revision stays; what came is kept, and the next try fetches the rest.
   *
   * @throws FerryError as `ferry.prefetch`; the signal's reason
   * @example
   * const update = await ferry.update('org/model')
   * if (update.bytes < 100_000_000) await update.apply({ onProgress: ({ url, held }) => show(url, held) })
   */
  async apply({ signal, onProgress }: PrefetchOptions = {}): Promise<void> {
    const wanted = this.files.filter(({ change }) => change !== 'removed')
    const paths = wanted.map(({ path }) => path)
    await this.#work.bring(paths, { ...(signal && { signal }), ...(onProgress && { onProgress }) })
    signal?.throwIfAborted()
    await this.#work.move(signal)
  }
}
