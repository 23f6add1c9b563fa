import { grantOf } from '../auth/grantOf.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import type { Fetch } from '../net/Fetch.ts'
import { isTransient } from '../net/isTransient.ts'
import { SharedCalls } from '../net/SharedCalls.ts'
import type { Channel } from '../protocol/Channel.ts'
import { encodeError } from '../protocol/encodeError.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { LoadState } from '../protocol/LoadState.ts'
import type { Refusal } from '../protocol/Refusal.ts'
import { askFileInfo } from '../reconstruction/askFileInfo.ts'
import type { FileAnswer } from '../reconstruction/askFileInfo.ts'
import type { Demand } from './Demand.ts'
import type { FileSource, SourceOptions } from './FileSource.ts'
import { keepBody } from './keepBody.ts'
import { keptAnswer } from './keptAnswer.ts'
import { Load } from './Load.ts'
import { passingByte } from './passingByte.ts'
import { probeByte } from './probeByte.ts'
import { refusalFault } from './refusalFault.ts'
import { throttle } from './throttle.ts'
import { Transfer } from './Transfer.ts'
import type { TransferTools } from './TransferTools.ts'

/** What the engine needs beside what transfers need. */
export interface EngineTools extends TransferTools {
  readonly channel: Channel
  /**
   * Authorization for a file's own origin, from configuration; undefined: none. With one that was refused,
   * the one to use instead.
   */
  readonly authorize: (url: string, refused?: string) => Promise<string | undefined>
  /**
   * For file infos, in place of `net.fetch`: leaves a 401 as it is. What is learned is kept under the token it
   * was learned with, so it is the engine that has to know of another one.
   */
  readonly bareFetch: Fetch
}

type Info = { info: FileInfo } | { refusal: Refusal }

type Waiting = NonNullable<LoadState['waiting']>

interface InfoCall {
  readonly credential: string | undefined
  /** Whether the page's request brought the credential itself. */
  readonly own: boolean
  /** Whether the device knows an answer already. */
  readonly granted: boolean
  readonly answerBy: number
  readonly signal: AbortSignal
}

/** Shortest time between two reports of a load, and longest silence while it runs, milliseconds. */
const reportMs = 100
const beatMs = 1000
/** Waits whose ends lie closer together are one, milliseconds. */
const sameMs = 500

/**
 * Brings files onto the device and answers questions about them, for the realm it runs in: a loader worker,
 * or a service worker that found no loader. Many of them may run on one origin: a file's lock decides who
 * fetches, the others follow the news on the channel and take over when the lock becomes free.
 */
export class Engine implements FileSource {
  readonly #tools: EngineTools
  readonly #loads = new Map<string, Load>()
  readonly #transfers = new Map<string, Transfer>()
  readonly #infos = new SharedCalls<Info>()
  readonly #stopListening: () => void

  constructor(tools: EngineTools) {
    this.#tools = tools
    this.#stopListening = tools.channel.listen((envelope) => {
      if (envelope.kind === 'event' && envelope.event.name === 'progress')
        this.#follow(envelope.event.detail)
    })
  }

  async info(url: string, options: SourceOptions): Promise<Info> {
    const { authorization, signal, patient = false } = options
    const { store, net, authorize } = this.#tools
    const credential = authorization ?? (await authorize(url))
    const grant = await grantOf(credential)
    const now = net.clock.now()
    const kept = await keptAnswer(store, url, grant, now)
    if (kept && (kept.fresh || net.backoff.left(url) > 0)) return kept.answer
    const granted = kept !== undefined
    const answerBy = granted ? now : patient ? Infinity : now + net.retry.patienceMs
    const own = authorization !== undefined
    const ask = (signal: AbortSignal): Promise<Info> =>
      this.#ask(url, { credential, own, granted, answerBy, signal })
    try {
      const answer = await this.#infos.join(`${patient} ${grant} ${url}`, ask, signal)
      if ('refusal' in answer && [401, 403].includes(answer.refusal.status) && granted)
        await store.dropUrl(url, grant)
      // A gateway whose hub is down answers in its place; what the hub said last still holds.
      const down = 'refusal' in answer && isTransient(answer.refusal.status)
      return down && kept ? kept.answer : answer
    } catch (error) {
      signal?.throwIfAborted()
      if (kept && error instanceof FerryError && error.retryable) return kept.answer
      throw error
    }
  }

  async stored({ content }: FileInfo): Promise<Blob | undefined> {
    return await this.#tools.store.file(content)
  }

  async demand(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<Demand> {
    const authorization = options.authorization ?? (await this.#tools.authorize(info.url))
    if (this.#loads.get(info.content)?.ended ?? true) await this.#makeRoom(info)
    let load = this.#loads.get(info.content)
    if (load === undefined || load.ended) {
      load = new Load(info, (range, place) => this.#read(info.content, range, place))
      this.#loads.set(info.content, load)
      void this.#bring(load, authorization)
    }
    return load.join(options.before, range)
  }

  async probe(info: FileInfo, options: SourceOptions): Promise<Uint8Array<ArrayBuffer>> {
    const { content, url } = info
    const { store, net, authorize } = this.#tools
    const passing = { store, clock: net.clock, load: () => this.#loads.get(content) }
    const byte = await passingByte(passing, content, options.signal)
    if (byte) return byte
    const authorization = options.authorization ?? (await authorize(url))
    return await probeByte(this.#tools, info, { ...options, authorization })
  }

  /** Ends all loads; what is committed is kept. */
  close(): void {
    this.#stopListening()
    for (const load of this.#loads.values())
      load.end(new FerryError('closed', 'The engine was closed.'))
  }

  async #ask(url: string, { credential, own, granted, ...call }: InfoCall): Promise<Info> {
    const { net, store, channel, authorize, bareFetch: fetch } = this.#tools
    const retry = granted ? { ...net.retry, attempts: 1, firstByteMs: 5000 } : net.retry
    const waiting = this.#teller(url)
    const ask = (authorization: string | undefined): Promise<FileAnswer> =>
      askFileInfo({ ...net, ...call, fetch, retry, url, authorization, waiting })
    let authorization = credential
    let answer = await ask(authorization)
    if (authorization !== undefined && !own && isUnauthorized(answer)) {
      const renewed = await authorize(url, authorization)
      if (renewed !== undefined && renewed !== authorization) {
        authorization = renewed
        answer = await ask(authorization)
      }
    }
    const grant = await grantOf(authorization)
    if ('info' in answer) {
      // Where it cannot be kept, whoever wants the bytes asks for them the usual way.
      if (answer.body) await this.#keep(answer.info, answer.body).catch(() => undefined)
      await store.saveUrl(answer.info, grant)
      return { info: answer.info }
    } else {
      const { refusal } = answer
      if (answer.missing)
        await store.saveMissing({ url, grant, refusal, checkedAt: net.clock.now() })
      const fault = refusalFault(url, refusal, authorization !== undefined)
      if (fault) channel.emit({ name: 'fault', detail: encodeError(fault) })
    }
    return answer
  }

  /** Keeps a file that came with the answer about it, and tells of it as of a load. */
  async #keep(info: FileInfo, body: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#makeRoom(info)
    if (!(await keepBody(this.#tools, info, body))) return
    const load = new Load(info, (range, place) => this.#read(info.content, range, place))
    const detail = load.update({ ...wholeOf(info), fetched: body.length })
    this.#tools.channel.emit({ name: 'progress', detail })
  }

  /** Tells everybody what a file waits for; of several requests that wait together once. */
  #teller(url: string): (until: number, reason: unknown) => Waiting {
    const { channel, net } = this.#tools
    let told = 0
    return (until, reason) => {
      const why = encodeError(reason)
      const { origin } = new URL(why.url ?? url)
      const waiting = { origin, until, reason: why }
      const delayMs = Math.max(0, until - net.clock.now())
      if (until > told + sameMs) {
        told = until
        channel.emit({ name: 'waiting', detail: { ...waiting, url, delayMs } })
      }
      return waiting
    }
  }

  /** @throws FerryError `quota` when the file cannot be kept, before anything of it is fetched */
  async #makeRoom({ content, size }: FileInfo): Promise<void> {
    const { store, channel } = this.#tools
    const entry = await store.entry(content)
    for (const evicted of await store.reserve(size - (entry?.held ?? 0), content))
      channel.emit({ name: 'evicted', detail: { content: evicted } })
  }

  /** Runs the transfer of a load once the file's lock is free, and reports on the channel. */
  async #bring(load: Load, authorization: string | undefined): Promise<void> {
    const { store, channel, net } = this.#tools
    const { content } = load.info
    const tell = throttle(() => channel.emit({ name: 'progress', detail: load.state }), reportMs)
    let transfer: Transfer | undefined
    const beat = setInterval(() => transfer && tell(), beatMs)
    const toldOf = this.#teller(load.info.url)
    try {
      await store.lock(content, { signal: load.signal }, async (locked) => {
        if (await store.file(content)) return
        load.update({ phase: 'running' })
        transfer = new Transfer(this.#tools, load.info, {
          authorization,
          wanted: () => load.wanted(),
          report: (view) => {
            // While one request waits for a server, others may still bring bytes of it.
            const { waiting, fetched } = load.state
            const over = waiting === undefined || waiting.until <= net.clock.now()
            load.update(over || view.fetched > fetched ? { ...view, phase: 'running' } : view)
            tell()
          },
          waiting: (until, reason) => {
            load.update({ phase: 'waiting', waiting: toldOf(until, reason) })
            tell()
          },
        })
        this.#transfers.set(content, transfer)
        await transfer.run(AbortSignal.any([locked, load.signal]))
      })
      load.update(wholeOf(load.info))
    } catch (error) {
      if (!load.signal.aborted) {
        const detail = encodeError(error)
        load.update({ phase: 'failed', inFlight: [], error: detail })
        channel.emit({ name: 'fault', detail })
      }
    } finally {
      clearInterval(beat)
      tell.now()
      // The next load of the file may have begun its own already.
      if (this.#transfers.get(content) === transfer) this.#transfers.delete(content)
      if (this.#loads.get(content) === load) this.#loads.delete(content)
    }
  }

  /** News of a file that another realm brings, while this one waits for its lock. */
  #follow(state: LoadState): void {
    const load = this.#loads.get(state.content)
    if (!load || this.#transfers.has(state.content) || state.phase === 'failed') return
    const { held, committed, releasable, proven = [], inFlight, recalled, place } = state
    const { transfer, inherited = [] } = state
    load.update({
      held,
      committed,
      releasable,
      proven,
      inFlight,
      ...(recalled !== undefined && { recalled }),
      ...(transfer !== undefined && { transfer, inherited }),
      ...(place !== undefined && { place }),
    })
  }

  async #read(
    content: string,
    range: ByteRange,
    place: string | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const running = await this.#transfers.get(content)?.read(range)
    if (running) return running
    return await this.#tools.store.announced(content, range, place)
  }
}

/** The state of a load whose file is all here. */
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

function isUnauthorized(answer: Info): boolean {
  return 'refusal' in answer && answer.refusal.status === 401
}
