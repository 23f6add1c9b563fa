import type { FileChange, RevisionChange } from '../protocol/RevisionChange.ts'
import type { Prefetch, PrefetchOptions } from './Prefetch.ts'

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
