import { type ByteRange, FerryError, redactUrl } from '../core/index.ts'
import { hashesIn } from '../address/index.ts'
import { encodeError } from '../protocol/index.ts'
import type { ErrorData, FileInfo, LoadState } from '../data/index.ts'
import { notKept } from '../reconstruction/index.ts'
import { CallsAhead } from './blocks.ts'
import { hostOf, type Waiting } from '../net/index.ts'
import { FileInfos, waitReporter } from './file-infos.ts'
import { keepBody, writeStaged } from './proof.ts'
import { OwnDownload } from './bandwidth.ts'
import { downloadKey, sendBytes, SharedDownload } from './shared-download.ts'
import { byteWithoutRequest, probeByte } from './probe.ts'
import { BranchInfos } from './revisions.ts'
import { Download } from './download.ts'
import { Updates } from './updates.ts'
import type {
  DownloadReader,
  EngineTools,
  FileSource,
  SourceOptions,
  InfoAnswer,
} from './file-source.ts'

/** A function that runs at most once per interval, and at the latest one interval after a call. */
export interface Throttled {
  (): void
  /** Runs at once if a run is pending; afterwards nothing is pending. */
  now(): void
}

/**
 * @param work the function
 * @param ms interval, milliseconds
 */
export function throttle(work: () => void, ms: number): Throttled {
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = -Infinity
  const run = (): void => {
    clearTimeout(timer)
    timer = undefined
    last = performance.now()
    work()
  }
  const throttled = (): void => {
    timer ??= setTimeout(run, Math.max(0, last + ms - performance.now()))
  }
  return Object.assign(throttled, { now: run })
}

/** Interval between two reports of a download, milliseconds. */
const reportMs = 100
const beatMs = 1000
/** How long a download without readers may write what it has received, before its file is asked for again, milliseconds. */
const endMs = 1000
/** A released download without a byte after this time was abandoned because nothing arrived, milliseconds. */
const gaveUpMs = 2000

/**
 * Downloads files and answers questions about them, for its realm: a loader worker, or a service worker without a
 * loader. Several engines may run on one origin: a file's lock decides which one fetches; the others follow its
 * events on the channel and take over when the lock becomes free.
 */
export class Engine implements FileSource {
  readonly updates: Updates
  /** Writes the small files that readers have got already. */
  readonly written: () => Promise<void> = writeStaged
  readonly #tools: EngineTools
  readonly #shared = new Map<string, OwnDownload>()
  readonly #downloads = new Map<string, Download>()
  /** The ends of running downloads, by content. */
  readonly #ends = new Map<string, Promise<void>>()
  readonly #callsAhead: CallsAhead
  /** Downloads whose bytes are needed on the device. */
  readonly #onDevice = new WeakSet<OwnDownload>()
  readonly #infos: BranchInfos
  readonly #stopListening: () => void

  constructor(tools: EngineTools) {
    this.#tools = tools
    this.#callsAhead = new CallsAhead(tools)
    const keep = (info: FileInfo, body: Uint8Array<ArrayBuffer>): Promise<void> =>
      this.#keep(info, body)
    const files = new FileInfos(tools, keep, this.#callsAhead, (info) => this.#isLoading(info))
    this.#infos = new BranchInfos(tools, files)
    this.updates = new Updates(tools, files)
    this.#stopListening = tools.channel.listen((envelope) => {
      if (envelope.kind === 'event' && envelope.event.name === 'progress')
        this.#follow(envelope.event.detail)
      if (envelope.kind === 'want')
        this.#shared.get(envelope.load)?.want(envelope.from, envelope.positions, envelope.inside)
    })
  }

  async info(url: string, options: SourceOptions): Promise<InfoAnswer> {
    return await this.#infos.of(url, options)
  }

  async stored({ content }: FileInfo): Promise<Blob | undefined> {
    return await this.#tools.store.file(content)
  }

  async demand(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<DownloadReader> {
    const authorization = await this.#authorize(info, options)
    const key = downloadKey(info)
    if (this.#shared.get(key)?.ended ?? true)
      await this.#makeRoom(info).catch((error: unknown) => {
        // A resumed reader may be served from memory, so missing room is no failure.
        if (!options.before) throw error
      })
    let shared = this.#shared.get(key)
    if (shared === undefined || shared.ended) {
      shared = new OwnDownload(
        info,
        (range, place) => this.#read(info.content, range, place),
        (positions, inside) => {
          // Otherwise this realm fetches it.
          if (!this.#downloads.has(info.content))
            this.#tools.channel.tell({ kind: 'want', load: key, positions, inside })
        },
      )
      this.#shared.set(key, shared)
      shared.signal.addEventListener('abort', this.#tools.store.hold(info.content), { once: true })
      const end = this.#download(shared, { ...options, authorization }).finally(() => {
        if (this.#ends.get(info.content) === end) this.#ends.delete(info.content)
      })
      this.#ends.set(info.content, end)
    }
    if (options.onDevice) this.#onDevice.add(shared)
    // A reader of another realm says later how far it is.
    if (range.start > 0 || range.end < info.size)
      shared.want('', [range.start], range.end < info.size ? [range.start] : [])
    return shared.join(options.before, range)
  }

  async probe(info: FileInfo, options: SourceOptions): Promise<Uint8Array<ArrayBuffer>> {
    const { store, net } = this.#tools
    const passing = { store, clock: net.clock, shared: () => this.#shared.get(downloadKey(info)) }
    const byte = await byteWithoutRequest(passing, info.content, options)
    if (byte) return byte
    const authorization = await this.#authorize(info, options)
    // A single answer of a CAS that has contradicted itself proves nothing, so the byte comes from the file's own URL.
    const doubted = this.#tools.reconstructions.doubted.has(info.content)
    const way = doubted ? plainWay(info) : this.#way(info)
    return await probeByte(this.#tools, way, { ...options, authorization })
  }

  /**
   * The info by which a file is fetched: without Xet, that of a plain file that its SHA-256 proves.
   *
   * @throws FerryError `unsupported` without Xet, if the hub names no SHA-256
   */
  #way(info: FileInfo): FileInfo {
    const { xet, reconstructions } = this.#tools
    const distrusted = reconstructions.distrusted.has(info.content)
    if ((xet !== false && !distrusted) || info.xetHash === undefined) return info
    const { url, content, sha256, commit } = info
    if (sha256 !== undefined && hashesIn(content).sha256 === sha256)
      return { ...plainWay(info), sha256, ...(commit && { commit }) }
    const ruledOut = distrusted
      ? 'its reconstruction is wrong'
      : 'connect({ xet: false }) rules out Xet'
    const why = `the hub tells no SHA-256 that could prove it, and ${ruledOut}`
    throw notKept(url, why)
  }

  /** Whether files are being loaded. */
  get busy(): boolean {
    return this.#downloads.size > 0
  }

  /** Ends all downloads; committed bytes are kept. */
  close(): void {
    this.#stopListening()
    for (const shared of this.#shared.values())
      shared.end(new FerryError('closed', 'The engine was closed.'))
  }

  /** Whether a download of a file has readers. The bytes of one that has lost them are on the device when it has ended. */
  async #isLoading(info: FileInfo): Promise<boolean> {
    if (this.#shared.get(downloadKey(info))?.ended === false) return true
    const end = this.#ends.get(info.content)
    if (end) await Promise.race([end, this.#tools.net.clock.sleep(endMs)])
    return false
  }

  async #authorize(
    { url }: FileInfo,
    { authorization, anonymous = false }: SourceOptions,
  ): Promise<string | undefined> {
    return authorization ?? (anonymous ? undefined : await this.#tools.authorize(url))
  }

  /** Stores a file that was delivered with its info, and reports it like a download. */
  async #keep(info: FileInfo, body: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#makeRoom(info)
    if (!(await keepBody(this.#tools, info, body))) return
    const shared = new SharedDownload(info, (...at) => this.#read(info.content, ...at))
    const detail = shared.update({ ...wholeOf(info), fetched: body.length })
    this.#tools.channel.emit({ name: 'progress', detail })
  }

  /** @throws FerryError `quota` when the file does not fit, before any byte of it is fetched */
  async #makeRoom({ content, size }: FileInfo): Promise<void> {
    const { store, channel } = this.#tools
    const entry = await store.entry(content)
    for (const evicted of await store.reserve(size - (entry?.held ?? 0), content))
      channel.emit({ name: 'evicted', detail: { content: evicted } })
  }

  /** Runs a download once the file's lock is free, and reports on the channel. */
  async #download(shared: OwnDownload, options: SourceOptions): Promise<void> {
    const { store, channel, net } = this.#tools
    const { content } = shared.info
    const began = net.clock.now()
    let download: Download | undefined
    // Other realms read from the device only.
    const elsewhere = { phase: 'running', releasable: [], proven: [] } as const
    const tell = throttle(() => {
      const detail = { ...shared.state, ...(download?.inMemory && elsewhere) }
      channel.emit({ name: 'progress', detail })
    }, reportMs)
    /** Later requests do not join it. */
    const drop = (): void => {
      const key = downloadKey(shared.info)
      if (this.#shared.get(key) === shared) this.#shared.delete(key)
    }
    const beat = setInterval(() => download && tell(), beatMs)
    const reportWait = waitReporter(channel, net, shared.info.url)
    const waiting: Waiting = (...wait) => {
      shared.update({ phase: 'waiting', waiting: reportWait(...wait) })
      tell()
    }
    try {
      const way = this.#way(shared.info)
      const { authorization } = options
      // Asked while the file is opened; the transfer joins the call, or finds its result in the record.
      this.#callsAhead.take(way, { authorization, waiting, signal: shared.signal })
      await store.lock(content, { signal: shared.signal }, async (locked) => {
        const stored = await store.file(content)
        if (stored && stored.size !== shared.info.size) throw wrongSize(shared.info, stored.size)
        if (stored) return
        shared.update({ phase: 'running' })
        const fault = (reason: unknown, instead: string): void => {
          const failed = failureOf(reason, shared.info)
          const detail = { ...failed, message: `${failed.message} ${instead}` }
          channel.emit({ name: 'fault', detail })
        }
        download = new Download(this.#tools, way, {
          authorization,
          wanted: () => shared.wanted(),
          needed: () => (this.#onDevice.has(shared) ? undefined : shared.needed()),
          onFull: drop,
          askAgain: (signal) => this.#infos.again(shared.info, options, signal),
          report: (view) => {
            // While one request waits for a server, others may still receive bytes.
            const { waiting, fetched, recalled = [] } = shared.state
            const over = waiting === undefined || waiting.until <= net.clock.now()
            shared.update(over || view.fetched > fetched ? { ...view, phase: 'running' } : view)
            // Before the file can be complete: another realm learns that from the device, perhaps before the next report.
            if ((view.recalled?.length ?? 0) > recalled.length) tell.now()
            else tell()
          },
          waiting,
          onOwnUrl: (reason) =>
            fault(reason, "The rest is fetched from the file's own URL instead."),
          ...(this.#downloads.size > 0 &&
            this.#onDevice.has(shared) && { proven: (bytes) => sendBytes(shared.info, bytes) }),
          unkept: (reason) => {
            fault(reason, 'The file is not kept.')
            shared.update(wholeOf(shared.info))
            tell()
          },
        })
        this.#downloads.set(content, download)
        await download.run(AbortSignal.any([locked, shared.signal]))
      })
      shared.update(wholeOf(shared.info))
    } catch (error) {
      if (!shared.signal.aborted) {
        const detail = failureOf(error, shared.info)
        shared.update({ phase: 'failed', inFlight: [], error: detail })
        channel.emit({ name: 'fault', detail })
      }
    } finally {
      clearInterval(beat)
      tell.now()
      // The next download of the file may have started its own download already.
      if (this.#downloads.get(content) === download) this.#downloads.delete(content)
      drop()
      // Wrong file info may be the reason why nothing arrived, or why the bytes have another hash.
      const { phase, fetched, error } = shared.state
      const gaveUp = phase === 'failed' || net.clock.now() - began >= gaveUpMs
      const unproven = error?.code === 'integrity' || fetched === 0
      if (unproven && phase !== 'complete' && gaveUp)
        await this.#infos.doubt(shared.info, options).catch(() => undefined)
    }
  }

  /** Handles events of a file that another realm fetches, while this one waits for its lock. */
  #follow(state: LoadState): void {
    const shared = this.#shared.get(downloadKey(state))
    if (!shared || this.#downloads.has(state.content) || state.phase === 'failed') return
    // What has arrived there says nothing about this realm's connections.
    const { url: _, phase: __, waiting: ___, fetched: ____, ...progress } = state
    shared.update({ proven: [], ...progress })
  }

  async #read(
    content: string,
    range: ByteRange,
    place: () => string | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const running = await this.#downloads.get(content)?.read(range)
    if (running) return running
    return await this.#tools.store.announced(content, range, place)
  }
}

/** A Xet file as its own URL gives it, with nothing that proves it. */
function plainWay({ url, pinned, size, content, fetchedAt }: FileInfo): FileInfo {
  // The entity tag is the hub's; the storage that it redirects to has another one.
  return { url, size, content, fetchedAt, ranges: true, ...(pinned && { pinned }) }
}

/** An error for readers. They know the file's URL, not those of storage or tokens: the message names that host. */
function failureOf(error: unknown, { url }: FileInfo): ErrorData {
  const { message, ...failed } = encodeError(error)
  const host = failed.url === undefined ? '' : hostOf(failed.url)
  const named = message.includes(host) ? message : `${host}: ${message}`
  return { ...failed, message: named, url: redactUrl(url) }
}

function wrongSize({ url, size }: FileInfo, held: number): FerryError {
  const message = `The server says that the file has ${size} bytes; its hash has proven that it has ${held}.`
  return new FerryError('integrity', message, { url, retryable: true })
}

/** The state of a download whose file is complete. */
function wholeOf({ size }: FileInfo): Partial<LoadState> {
  const whole = [{ start: 0, end: size }]
  return {
    phase: 'complete',
    held: size,
    inFlight: [],
    committed: whole,
    releasable: whole,
    proven: whole,
  }
}
