// Downloads that a page starts before it needs the files: ferry.prefetch() and ferry.update(), with their progress.
import { FerryError, orAborted } from '../core/index.ts'
import type {
  FerryEventMap,
  FileChange,
  LoadedFile,
  LoadState,
  RevisionChange,
} from '../data/index.ts'

/** Options of a prefetch. */
export interface PrefetchOptions {
  /** Aborts the prefetch; committed bytes are kept. */
  readonly signal?: AbortSignal | undefined
  /** Called with the state of each file whenever it changes. */
  readonly onProgress?: ((state: LoadState) => void) | undefined
}

/**
 * A running prefetch of files; awaiting it waits for all of them. A failure without a waiting caller is not reported as an
 * unhandled rejection.
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

  /** @param load loads one file; committed bytes are kept when its signal aborts */
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

  /** Aborts the running requests; stored bytes are kept. */
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

  catch<Failure>(
    onFailure: (reason: unknown) => Failure | PromiseLike<Failure>,
  ): Promise<void | Failure> {
    return this.#done.catch(onFailure)
  }

  finally(onEnd: () => void): Promise<void> {
    return this.#done.finally(onEnd)
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

/** The state of a file without metadata from the hub. */
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
 * The progress of a prefetch for its caller. Events arrive over another channel and may be late. So completion is
 * reported once when a load ends, whether its event has arrived or not.
 */
export class PrefetchProgress {
  readonly #tell: (state: LoadState) => void
  /** The last event of every requested file. */
  readonly #last: Map<string, LoadState | undefined>
  /** The same URLs by what is before their query: events name no secrets. */
  readonly #urls: Map<string, string>

  /** @param urls absolute; a fragment does not count */
  constructor(urls: readonly string[], tell: (state: LoadState) => void) {
    this.#last = new Map(urls.map((url) => [url.split('#', 1)[0] ?? '', undefined]))
    this.#urls = new Map([...this.#last.keys()].map((url) => [pathOf(url), url]))
    this.#tell = tell
  }

  heard(state: LoadState): void {
    const url = this.#asked(state.url)
    if (!this.#last.has(url) || this.#last.get(url)?.phase === 'complete') return
    this.#last.set(url, state)
    this.#tell({ ...state, url })
  }

  /** The URL as it was requested. */
  #asked(url: string): string {
    return this.#last.has(url) ? url : (this.#urls.get(pathOf(url)) ?? url)
  }

  /** Reports that a request of a load waits, unless the load itself reports its state. */
  waits({ url, origin, until, reason }: FerryEventMap['waiting']): void {
    if (!this.#last.get(this.#asked(url))?.content)
      this.heard({ ...unknown, url, phase: 'waiting', waiting: { origin, until, reason } })
  }

  complete({ url, content, size }: LoadedFile): void {
    const whole = [{ start: 0, end: size }]
    const { waiting: _, ...last } = this.#last.get(this.#asked(url)) ?? unknown
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

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}

/** The operations of an update. */
export interface UpdateWork {
  /** Fetches files of the new commit; `paths` within the repository. */
  readonly load: (paths: readonly string[], options: PrefetchOptions) => Prefetch
  /** Makes the new commit the one in use for the branch. */
  readonly move: (signal: AbortSignal | undefined) => Promise<void>
}

/** The difference between the files on this device and a newer revision: the result of `ferry.update()`. */
export class Update implements RevisionChange {
  /** The commit in use, 40 hex. */
  readonly from: string
  /** The hub's newest commit, 40 hex; the same when there is nothing new. */
  readonly to: string
  readonly files: readonly FileChange[]
  /** Uncompressed bytes that would have to be fetched: chunks on the device cost nothing. */
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
   * Fetches the new revision, and then makes it the one for new pages: all files at once. Open pages keep the
   * revision that they have seen, and get the new one after a reload. When it fails or is cancelled, the old revision
   * stays in use; fetched bytes are kept, and the next try fetches only the rest.
   *
   * @throws FerryError as `ferry.prefetch`; the signal's reason
   * @example
   * const update = await ferry.update('org/model')
   * if (update.bytes < 100_000_000) await update.apply({ onProgress: ({ url, held }) => show(url, held) })
   */
  async apply({ signal, onProgress }: PrefetchOptions = {}): Promise<void> {
    const wanted = this.files.filter(({ change }) => change !== 'removed')
    const paths = wanted.map(({ path }) => path)
    await this.#work.load(paths, { signal, onProgress })
    signal?.throwIfAborted()
    await this.#work.move(signal)
  }
}
