import { grantOf } from '../address/index.ts'
import { type ByteRange, FerryError } from '../core/index.ts'
import {
  type Answered,
  type Channel,
  type CredentialReferences,
  decodeError,
  encodeError,
  type Questions,
} from '../protocol/index.ts'
import type { FileInfo, LoadState } from '../data/index.ts'
import { settledAnswer } from './kept-answers.ts'
import { defaultTimeouts, LoaderSearch, type LoaderTimeouts } from './serve-channel.ts'
import { bytesChannel, downloadKey, type SentBytes, SharedDownload } from './shared-download.ts'
import type { StoreReader } from '../store/index.ts'
import type { DownloadReader, FileSource, SourceOptions, InfoAnswer } from './file-source.ts'

/** How long a loader counts as found after it has answered, milliseconds. */
const recentMs = 100

/** Asks only whether a loader is alive: it need not compare the users of all loaders, which costs a lock query. */
const alive = { client: '' }

/** The used part of the store. */
type ReadStore = Pick<StoreReader, 'branches' | 'answers' | 'known' | 'file' | 'announced' | 'hold'>

/**
 * Files from a loader worker, for the service worker. A loader is searched for every request. A silent one is
 * replaced by another; without any, the engine of this realm does the same work, slower. Bytes are read from the
 * device, not sent over the channel: announced bytes are in the file.
 */
export class RemoteSource implements FileSource {
  readonly #channel: Channel
  readonly #store: ReadStore
  readonly #local: () => Promise<FileSource>
  readonly #search: LoaderSearch
  readonly #credentials: CredentialReferences
  readonly #timeouts: LoaderTimeouts
  readonly #shared = new Map<string, SharedDownload>()
  /** Downloads that ended because they lost their loader, not because they failed. */
  readonly #loaderLost = new WeakSet<SharedDownload>()
  /** The loader that works on a download. */
  readonly #loaderOf = new WeakMap<SharedDownload, string>()
  /** A page's own loader that has just answered: it is not searched for the demand that follows. */
  #recent:
    | {
        readonly client: string | undefined
        readonly loader: Answered<'locate'>
        readonly until: number
      }
    | undefined
  /** Set while there are downloads, so that an unused source keeps no listener. */
  #stopListening: (() => void) | undefined

  /**
   * @param local the engine of this realm, created when it is first needed, and again after a failure
   * @param scope scope of this service worker: loaders of other scopes are not asked
   * @param credentials through which loaders get a request's own Authorization header
   * @param timeouts tests use other timeouts
   */
  constructor(
    channel: Channel,
    store: ReadStore,
    local: () => Promise<FileSource>,
    scope: string,
    credentials: CredentialReferences,
    timeouts: LoaderTimeouts = defaultTimeouts,
  ) {
    this.#channel = channel
    this.#store = store
    this.#local = local
    this.#search = new LoaderSearch(channel, scope, timeouts)
    this.#credentials = credentials
    this.#timeouts = timeouts
    const bytes = new BroadcastChannel(bytesChannel)
    bytes.addEventListener('message', ({ data }: MessageEvent<SentBytes>) => this.#follow(data))
  }

  async info(url: string, options: SourceOptions): Promise<InfoAnswer> {
    const { authorization, client, recheck, whole } = options
    const viewer = { grant: await grantOf(authorization), client }
    const settled =
      recheck === 'always'
        ? undefined
        : await settledAnswer(this.#store, url, viewer, Date.now(), recheck === 'never')
    // A stored refusal may be for anonymous requests only: a loader may have a token.
    if (settled && 'info' in settled) return settled
    const ask = {
      url,
      ...(client !== undefined && { client }),
      ...(recheck !== undefined && { recheck }),
      ...(whole && { whole }),
    }
    const said = await this.#credentials.lendOwn(options.own, (own) =>
      this.#ask('info', { ...ask, ...own }, options),
    )
    return said ? said.answer : await (await this.#local()).info(url, options)
  }

  async stored({ content }: FileInfo): Promise<Blob | undefined> {
    return await this.#store.file(content)
  }

  async probe(info: FileInfo, options: SourceOptions): Promise<Uint8Array<ArrayBuffer>> {
    const ask = { info, hurry: options.hurry ?? false }
    const said = await this.#ask('probe', ask, options)
    return said ? said.answer : await (await this.#local()).probe(info, options)
  }

  async demand(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<DownloadReader> {
    let inner = await this.#begin(info, range, options)
    let released = false
    let losses = 0
    /** Repeats the work with another loader when the current one has died. */
    const withAnotherLoader = async <T>(
      work: (demand: DownloadReader) => Promise<T>,
    ): Promise<T> => {
      for (;;) {
        try {
          return await work(inner.demand)
        } catch (error) {
          const { shared } = inner
          const loaderLost = shared !== undefined && this.#loaderLost.has(shared)
          // The storage was emptied after the download had ended, and before all was read.
          const lost =
            shared?.ended === true && encodeError(error).code === 'storage' && (losses += 1) < 3
          if (released || !(loaderLost || lost)) throw error
          inner.demand.release()
          const before = inner.demand.taken
          inner = await this.#begin(info, range, { ...options, before })
          if (released) inner.demand.release()
        }
      }
    }
    return {
      info,
      get taken() {
        return inner.demand.taken
      },
      begun: (ms) => withAnotherLoader((demand) => demand.begun(ms)),
      until: (position, signal) => withAnotherLoader((demand) => demand.until(position, signal)),
      read: (start, end) =>
        withAnotherLoader(async (demand) => {
          // A new loader may not have released these bytes yet.
          for (let at = start; at < end;) at = await demand.until(at)
          return await demand.read(start, end)
        }),
      release: () => {
        released = true
        inner.demand.release()
      },
    }
  }

  /** @returns the demand, and its download if a loader has it */
  async #begin(
    info: FileInfo,
    range: ByteRange,
    options: SourceOptions,
  ): Promise<{ demand: DownloadReader; shared?: SharedDownload }> {
    const current = this.#shared.get(downloadKey(info))
    if (current && !current.ended)
      return { demand: current.join(options.before, range), shared: current }
    const shared = new SharedDownload(
      info,
      (part, place) => this.#store.announced(info.content, part, place),
      (positions, inside) =>
        this.#channel.tell({ kind: 'want', load: downloadKey(info), positions, inside }),
    )
    this.#shared.set(downloadKey(info), shared)
    shared.signal.addEventListener('abort', this.#store.hold(info.content), { once: true })
    this.#stopListening ??= this.#channel.listen((envelope) => {
      if (envelope.kind === 'event' && envelope.event.name === 'progress')
        this.#follow(envelope.event.detail, envelope.from)
    })
    const demand = shared.join(options.before, range)
    try {
      if (await this.#startAtLoader(shared, range, options)) return { demand, shared }
    } catch (error) {
      shared.end(decodeError(encodeError(error)))
      this.#drop(shared)
      throw error
    }
    this.#lose(shared)
    return { demand: await (await this.#local()).demand(info, range, options) }
  }

  /** Every realm reports the state of its files; only a failure of our loader counts. */
  #follow(state: SentBytes & Partial<LoadState>, from?: string): void {
    const shared = this.#shared.get(downloadKey(state))
    if (shared === undefined) return
    const loader = this.#loaderOf.get(shared)
    if (state.phase === 'failed' && loader !== undefined && loader !== from) return
    shared.update(state)
  }

  #drop(shared: SharedDownload): void {
    const key = downloadKey(shared.info)
    if (this.#shared.get(key) === shared) this.#shared.delete(key)
    if (this.#shared.size > 0) return
    this.#stopListening?.()
    this.#stopListening = undefined
  }

  /** Ends a download that lost its loader; its readers start it again. */
  #lose(shared: SharedDownload): void {
    this.#loaderLost.add(shared)
    this.#drop(shared)
    shared.end(new FerryError('worker', 'The loader worker ended.', { retryable: true }))
  }

  /** @returns whether a loader accepted the download; one that dies before its answer is not asked again */
  async #startAtLoader(
    shared: SharedDownload,
    range: ByteRange,
    options: SourceOptions,
  ): Promise<boolean> {
    const { info, signal } = shared
    const demand = crypto.randomUUID()
    const ask = { demand, info, range }
    const answer = await this.#ask('demand', ask, { ...options, signal })
    if (!answer) return false
    this.#loaderOf.set(shared, answer.from)
    this.#watch(shared, answer.from, demand)
    return true
  }

  /** Holds the demand while it has readers, and detects the death of its loader. */
  #watch(shared: SharedDownload, loader: string, demand: string): void {
    const { locateMs, silenceMs, keepAliveMs } = this.#timeouts
    let heard = performance.now()
    const stopListening = this.#channel.listen((envelope) => {
      if (envelope.from !== loader) return
      heard = performance.now()
      if (envelope.kind === 'release' && envelope.demand === demand) this.#lose(shared)
    })
    const timer = setInterval(() => {
      this.#channel.tell({ kind: 'keep-alive', demand, to: loader })
      // A loader without progress, because another one fetches, still answers `locate`.
      void this.#search.locate(alive, { to: loader, timeoutMs: locateMs }).catch(() => {
        if (performance.now() - heard > silenceMs) this.#lose(shared)
      })
      if (shared.ended) end()
    }, keepAliveMs)
    const end = (): void => {
      clearInterval(timer)
      stopListening()
      this.#channel.tell({ kind: 'release', demand, to: loader })
      this.#drop(shared)
    }
    shared.signal.addEventListener('abort', end, { once: true })
  }

  /**
   * Asks a loader, and another one when it dies meanwhile. A loader of another page does not use its token for the
   * caller.
   *
   * @returns undefined when there is no loader
   */
  async #ask<Name extends 'info' | 'probe' | 'demand'>(
    name: Name,
    ask: Questions[Name]['ask'],
    options: SourceOptions,
  ): Promise<Answered<Name> | undefined> {
    const { answerMs, silenceMs } = this.#timeouts
    const { signal, client, page } = options
    for (;;) {
      const { loader: recent, client: owner, until = 0 } = this.#recent ?? {}
      const again = name === 'demand' && page && owner === client && Date.now() < until
      const loader = again ? recent : await this.#search.find(options)
      if (loader === undefined) return undefined
      const { from: to, answer } = loader
      const dead = new AbortController()
      const watch = setInterval(() => {
        void this.#search
          .locate(alive, { to, timeoutMs: silenceMs })
          .catch((error: unknown) => dead.abort(error))
      }, silenceMs)
      const either = signal ? AbortSignal.any([signal, dead.signal]) : dead.signal
      try {
        const waiting = { to, timeoutMs: answerMs, signal: either }
        const said = await this.#credentials.lend(options.authorization, async (credential) => {
          const question = { ...ask, ...credential, ...(!answer.own && { anonymous: true }) }
          return await this.#channel.ask(name, question, waiting)
        })
        if (answer.own) this.#recent = { client, loader, until: Date.now() + recentMs }
        return said
      } catch (error) {
        signal?.throwIfAborted()
        if (!dead.signal.aborted) throw error
        this.#recent = undefined
      } finally {
        clearInterval(watch)
      }
    }
  }
}
