import type { FerryEventMap } from '../protocol/FerryEvent.ts'
import type { LoadedFile } from '../protocol/LoadedFile.ts'
import type { LoadState } from '../protocol/LoadState.ts'

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
