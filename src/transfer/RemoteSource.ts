import { grantOf, publicGrant } from '../auth/grantOf.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import type { Channel } from '../protocol/Channel.ts'
import { encodeError } from '../protocol/encodeError.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { QuestionName, Questions } from '../protocol/Question.ts'
import type { Refusal } from '../protocol/Refusal.ts'
import type { Store } from '../store/Store.ts'
import type { Demand } from './Demand.ts'
import type { FileSource, SourceOptions } from './FileSource.ts'
import { isFresh } from './isFresh.ts'
import { Load } from './Load.ts'

/** How long a loader may take to say that it is there, to say anything more, and to be silent, ms. */
const rollMs = 1000
const answerMs = 10 * 60_000
const silenceMs = 5000
const holdMs = 4000

/**
 * Files by way of a loader worker, as the service worker sees them: a loader is looked for anew at every
 * question; one that falls silent is replaced by another, and where there is none the engine of this realm
 * does the same, slower. Bytes are read from the device, not sent: what a loader announces lies in the file.
 */
export class RemoteSource implements FileSource {
  readonly #channel: Channel
  readonly #store: Store
  readonly #local: () => FileSource
  readonly #loads = new Map<string, Load>()

  /** @param local the engine of this realm, made when it is first needed */
  constructor(channel: Channel, store: Store, local: () => FileSource) {
    this.#channel = channel
    this.#store = store
    this.#local = local
    channel.listen((envelope) => {
      if (envelope.kind === 'event' && envelope.event.name === 'progress')
        this.#loads.get(envelope.event.detail.content)?.update(envelope.event.detail)
    })
  }

  async info(
    url: string,
    options: SourceOptions,
  ): Promise<{ info: FileInfo } | { refusal: Refusal }> {
    const { authorization, signal } = options
    const known = await this.#store.url(url)
    const grants = [publicGrant, await grantOf(authorization)]
    if (
      known?.grants.some((grant) => grants.includes(grant)) &&
      isFresh(url, known.checkedAt, Date.now())
    )
      return known
    const ask = { url, ...(authorization !== undefined && { authorization }) }
    return (await this.#ask('info', ask, signal)) ?? (await this.#local().info(url, options))
  }

  async stored({ content }: FileInfo): Promise<Blob | undefined> {
    return await this.#store.file(content)
  }

  async probe(info: FileInfo, options: SourceOptions): Promise<Uint8Array<ArrayBuffer>> {
    const { authorization, signal } = options
    const ask = { info, ...(authorization !== undefined && { authorization }) }
    return (await this.#ask('probe', ask, signal)) ?? (await this.#local().probe(info, options))
  }

  async demand(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<Demand> {
    let inner = await this.#begin(info, range, options)
    let released = false
    return {
      info,
      until: async (position, signal) => {
        for (;;) {
          try {
            return await inner.until(position, signal)
          } catch (error) {
            if (released || !(error instanceof FerryError && error.code === 'worker')) throw error
            inner.release()
            inner = await this.#begin(info, range, options)
          }
        }
      },
      read: (start, end) => inner.read(start, end),
      release: () => {
        released = true
        inner.release()
      },
    }
  }

  async #begin(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<Demand> {
    const current = this.#loads.get(info.content)
    if (current && !current.ended) return current.join()
    const load = new Load(info, (part) => this.#store.announced(info.content, part))
    this.#loads.set(info.content, load)
    const demand = load.join()
    const { authorization } = options
    const id = crypto.randomUUID()
    const ask = { demand: id, info, range, ...(authorization !== undefined && { authorization }) }
    let loader: string | undefined
    try {
      loader = await this.#loader()
      if (loader !== undefined)
        await this.#channel.ask('demand', ask, { to: loader, timeoutMs: silenceMs })
    } catch (error) {
      load.end(error instanceof FerryError ? error : new FerryError('worker', 'The loader failed.'))
      throw error
    }
    if (loader === undefined) {
      load.end(new FerryError('worker', 'No loader answered.'))
      return await this.#local().demand(info, range, options)
    }
    this.#watch(load, loader, id)
    return demand
  }

  /** Holds the demand while somebody reads, and notices when its loader died. */
  #watch(load: Load, loader: string, demand: string): void {
    let heard = Date.now()
    const stopListening = this.#channel.listen(({ from }) => {
      if (from === loader) heard = Date.now()
    })
    const timer = setInterval(() => {
      this.#channel.tell({ kind: 'hold', demand, to: loader })
      // A loader that has nothing to report, because another one fetches, still answers the roll.
      void this.#channel.ask('roll', null, { to: loader, timeoutMs: rollMs }).catch(() => {
        if (Date.now() - heard > silenceMs) end('worker')
      })
      if (load.ended) end()
    }, holdMs)
    const end = (code?: 'worker'): void => {
      clearInterval(timer)
      stopListening()
      this.#channel.tell({ kind: 'release', demand, to: loader })
      if (this.#loads.get(load.info.content) === load) this.#loads.delete(load.info.content)
      if (code)
        load.end(new FerryError(code, 'The loader worker fell silent.', { retryable: true }))
    }
    load.signal.addEventListener('abort', () => end(), { once: true })
  }

  /** @returns undefined when no loader is there */
  async #ask<Name extends QuestionName>(
    name: Name,
    ask: Questions[Name]['ask'],
    signal: AbortSignal | undefined,
  ): Promise<Questions[Name]['answer'] | undefined> {
    for (;;) {
      const loader = await this.#loader()
      if (loader === undefined) return undefined
      const dead = new AbortController()
      const watch = setInterval(() => {
        void this.#channel
          .ask('roll', null, { to: loader, timeoutMs: silenceMs })
          .catch((error: unknown) => dead.abort(error))
      }, silenceMs)
      const either = signal ? AbortSignal.any([signal, dead.signal]) : dead.signal
      try {
        const options = { to: loader, timeoutMs: answerMs, signal: either }
        return (await this.#channel.ask(name, ask, options)).answer
      } catch (error) {
        signal?.throwIfAborted()
        if (!dead.signal.aborted) throw error
      } finally {
        clearInterval(watch)
      }
    }
  }

  async #loader(): Promise<string | undefined> {
    try {
      return (await this.#channel.ask('roll', null, { timeoutMs: rollMs })).from
    } catch (error) {
      if (encodeError(error).code === 'timeout') return undefined
      throw error
    }
  }
}
