import { grantOf } from '../auth/index.ts'
import { type ByteRange, FerryError } from '../core/index.ts'
import {
  type Answered,
  type AskOptions,
  type Channel,
  type CredentialReferences,
  decodeError,
  encodeError,
  type FileInfo,
  type LoadState,
  type Questions,
} from '../protocol/index.ts'
import { settledAnswer } from './kept-answers.ts'
import { loadKey, SharedDownload } from './shared-download.ts'
import type { Store } from '../store/index.ts'
import type { DownloadReader, FileSource, SourceOptions, FileVerdict } from './file-source.ts'

/** How patient a service worker is with a loader, milliseconds. */
export interface Patience {
  /** Until one says that it is there. */
  readonly rollMs: number
  /** Until it answers a question, as long as it lives. */
  readonly answerMs: number
  /** For how long it may be silent before it counts as dead. */
  readonly silenceMs: number
  /** Time between two signs of life to it. */
  readonly holdMs: number
}

/** What is read of the device here. */
type ReadStore = Pick<Store, 'branches' | 'url' | 'missing' | 'known' | 'file' | 'announced'>

const patience: Patience = {
  rollMs: 1000,
  answerMs: 10 * 60_000,
  silenceMs: 5000,
  holdMs: 4000,
}

/**
 * Files by way of a loader worker, as the service worker sees them: a loader is looked for anew at every
 * question; one that falls silent is replaced by another, and where there is none the engine of this realm
 * does the same, slower. Bytes are read from the device, not sent: what a loader announces lies in the file.
 */
export class RemoteSource implements FileSource {
  readonly #channel: Channel
  readonly #store: ReadStore
  readonly #local: () => Promise<FileSource>
  readonly #scope: string
  readonly #credentials: CredentialReferences
  readonly #patience: Patience
  readonly #loads = new Map<string, SharedDownload>()
  /** Loads that ended because nobody was there to bring them, not because they failed. */
  readonly #gone = new WeakSet<SharedDownload>()
  /** The loader that works on a load. */
  readonly #hired = new WeakMap<SharedDownload, string>()
  /** There while there are loads, so that a source nobody uses any more leaves nothing behind. */
  #stopListening: (() => void) | undefined

  /**
   * @param local the engine of this realm, made when it is first needed, and tried again where that failed
   * @param scope of this service worker: other ones' loaders are not asked
   * @param credentials through which loaders get a request's own Authorization header
   * @param patient another patience only for tests
   */
  constructor(
    channel: Channel,
    store: ReadStore,
    local: () => Promise<FileSource>,
    scope: string,
    credentials: CredentialReferences,
    patient: Patience = patience,
  ) {
    this.#channel = channel
    this.#store = store
    this.#local = local
    this.#scope = scope
    this.#credentials = credentials
    this.#patience = patient
  }

  async info(url: string, options: SourceOptions): Promise<FileVerdict> {
    const { authorization, client, recheck } = options
    const viewer = { grant: await grantOf(authorization), client }
    const settled =
      recheck === 'always'
        ? undefined
        : await settledAnswer(this.#store, url, viewer, Date.now(), recheck === 'never')
    // That there is nothing may have been said to strangers: a loader may know a token.
    if (settled && 'info' in settled) return settled
    const ask = {
      url,
      ...(client !== undefined && { client }),
      ...(recheck !== undefined && { recheck }),
    }
    const said = await this.#ask('info', ask, options)
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
    /** The same again with another loader, when the one at work died. */
    const survive = async <T>(work: (demand: DownloadReader) => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await work(inner.demand)
        } catch (error) {
          const gone = inner.load !== undefined && this.#gone.has(inner.load)
          if (released || !gone) throw error
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
      begun: (ms, patienceMs) => survive((demand) => demand.begun(ms, patienceMs)),
      until: (position, signal) => survive((demand) => demand.until(position, signal)),
      read: (start, end) =>
        survive(async (demand) => {
          // A new loader may not have come as far yet as the one that allowed these bytes.
          for (let at = start; at < end;) at = await demand.until(at)
          return await demand.read(start, end)
        }),
      release: () => {
        released = true
        inner.demand.release()
      },
    }
  }

  /** @returns the demand, and the load behind it where a loader has it */
  async #begin(
    info: FileInfo,
    range: ByteRange,
    options: SourceOptions,
  ): Promise<{ demand: DownloadReader; load?: SharedDownload }> {
    const current = this.#loads.get(loadKey(info))
    if (current && !current.ended)
      return { demand: current.join(options.before, range), load: current }
    const load = new SharedDownload(info, (part, place) =>
      this.#store.announced(info.content, part, place),
    )
    this.#loads.set(loadKey(info), load)
    this.#stopListening ??= this.#channel.listen((envelope) => {
      if (envelope.kind === 'event' && envelope.event.name === 'progress')
        this.#follow(envelope.event.detail, envelope.from)
    })
    const demand = load.join(options.before, range)
    try {
      if (await this.#hire(load, range, options)) return { demand, load }
    } catch (error) {
      load.end(decodeError(encodeError(error)))
      this.#drop(load)
      throw error
    }
    this.#lose(load, 'No loader answered.')
    return { demand: await (await this.#local()).demand(info, range, options) }
  }

  /** Every realm tells how it fares with a file; only the failure of the one that works for us is ours. */
  #follow(news: LoadState, from: string): void {
    const load = this.#loads.get(loadKey(news))
    if (load === undefined) return
    const hired = this.#hired.get(load)
    if (news.phase === 'failed' && hired !== undefined && hired !== from) return
    load.update(news)
  }

  #drop(load: SharedDownload): void {
    const key = loadKey(load.info)
    if (this.#loads.get(key) === load) this.#loads.delete(key)
    if (this.#loads.size > 0) return
    this.#stopListening?.()
    this.#stopListening = undefined
  }

  /** Ends a load that nobody works on; whoever joined it begins it again. */
  #lose(load: SharedDownload, why: string): void {
    this.#gone.add(load)
    this.#drop(load)
    load.end(new FerryError('worker', why, { retryable: true }))
  }

  /** @returns whether a loader took the load; one that dies before it says so is not asked again */
  async #hire(load: SharedDownload, range: ByteRange, options: SourceOptions): Promise<boolean> {
    const { info, signal } = load
    const demand = crypto.randomUUID()
    const ask = { demand, info, range }
    const answer = await this.#ask('demand', ask, { ...options, signal })
    if (!answer) return false
    this.#hired.set(load, answer.from)
    this.#watch(load, answer.from, demand)
    return true
  }

  /** Holds the demand while somebody reads, and notices when its loader died. */
  #watch(load: SharedDownload, loader: string, demand: string): void {
    const { rollMs, silenceMs, holdMs } = this.#patience
    let heard = Date.now()
    const stopListening = this.#channel.listen((envelope) => {
      if (envelope.from !== loader) return
      heard = Date.now()
      if (envelope.kind === 'release' && envelope.demand === demand)
        this.#lose(load, 'The loader worker gave the file up.')
    })
    const timer = setInterval(() => {
      this.#channel.tell({ kind: 'hold', demand, to: loader })
      // A loader that has nothing to report, because another one fetches, still answers the roll.
      void this.#roll({}, { to: loader, timeoutMs: rollMs }).catch(() => {
        if (Date.now() - heard > silenceMs) this.#lose(load, 'The loader worker fell silent.')
      })
      if (load.ended) end()
    }, holdMs)
    const end = (): void => {
      clearInterval(timer)
      stopListening()
      this.#channel.tell({ kind: 'release', demand, to: loader })
      this.#drop(load)
    }
    load.signal.addEventListener('abort', end, { once: true })
  }

  /**
   * Asks a loader, and another one when it dies over it. One that is not the asker's own lends it no token.
   *
   * @returns undefined when no loader is there
   */
  async #ask<Name extends 'info' | 'probe' | 'demand'>(
    name: Name,
    ask: Questions[Name]['ask'],
    options: SourceOptions,
  ): Promise<Answered<Name> | undefined> {
    const { answerMs, silenceMs } = this.#patience
    const { signal } = options
    for (;;) {
      const loader = await this.#loader(options)
      if (loader === undefined) return undefined
      const { from: to, answer } = loader
      const dead = new AbortController()
      const watch = setInterval(() => {
        void this.#roll({}, { to, timeoutMs: silenceMs }).catch((error: unknown) =>
          dead.abort(error),
        )
      }, silenceMs)
      const either = signal ? AbortSignal.any([signal, dead.signal]) : dead.signal
      try {
        const waiting = { to, timeoutMs: answerMs, signal: either }
        return await this.#credentials.lend(options.authorization, async (credential) => {
          const question = { ...ask, ...credential, ...(!answer.own && { anonymous: true }) }
          return await this.#channel.ask(name, question, waiting)
        })
      } catch (error) {
        signal?.throwIfAborted()
        if (!dead.signal.aborted) throw error
      } finally {
        clearInterval(watch)
      }
    }
  }

  #roll(
    of: { client?: string | undefined },
    options: AskOptions<'roll'>,
  ): Promise<Answered<'roll'>> {
    return this.#channel.ask('roll', { scope: this.#scope, ...of }, options)
  }

  /** The loader of who asks, else one of another page. */
  async #loader(options: SourceOptions): Promise<Answered<'roll'> | undefined> {
    const { client, page, signal } = options
    const { rollMs: timeoutMs } = this.#patience
    try {
      const of = page ? { client } : {}
      return await this.#roll(of, { timeoutMs, signal, ...(page && { prefer: isOwn }) })
    } catch (error) {
      signal?.throwIfAborted()
      if (encodeError(error).code === 'timeout') return undefined
      throw error
    }
  }
}

function isOwn({ own }: { readonly own: boolean }): boolean {
  return own
}
