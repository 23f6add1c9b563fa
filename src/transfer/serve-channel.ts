// Both ends of the search for a loader: a loader serves the service worker, which finds it.
import { FerryError } from '../core/index.ts'
import {
  type Answered,
  type AnsweringChannel,
  type AskOptions,
  type Channel,
  encodeError,
  lentResponse,
  resolveCredential,
} from '../protocol/index.ts'
import type { DownloadReader, FileSource, SourceOptions } from './file-source.ts'

/** A demand that its service worker does not renew for this time is released, milliseconds. */
const forgottenMs = 30_000
const pingMs = 10_000

interface HeldDemand {
  readonly demand: DownloadReader
  heard: number
}

/** The scope and the page of a loader. */
export interface LoaderPlace {
  /** Scope of its service worker. */
  readonly scope: string
  /** Client id of its page; undefined: unknown. */
  readonly client?: string | undefined
  /** Whether other loaders of the app have other users; absent: there are none. */
  readonly isMixed?: () => Promise<boolean>
}

/**
 * Serves the service worker with an engine: answers its questions and holds its demands. While there are any, `ping`
 * is called every 10 s: only an intercepted request keeps a service worker alive, messages do not.
 *
 * @returns a function that stops it
 */
export function serveChannel(
  channel: AnsweringChannel,
  source: FileSource,
  served: LoaderPlace,
  ping: () => void,
): () => void {
  const held = new Map<string, HeldDemand>()
  let pinging: ReturnType<typeof setInterval> | undefined
  let stopped = false
  const release = (id: string): void => {
    held.get(id)?.demand.release()
    held.delete(id)
    if (held.size > 0) return
    clearInterval(pinging)
    pinging = undefined
  }
  const tick = (): void => {
    for (const [id, { heard }] of held) if (Date.now() - heard > forgottenMs) release(id)
    if (held.size > 0) ping()
  }
  const authorized = async <Ask extends { readonly credential?: string }>({
    credential,
    ...asked
  }: Ask): Promise<Omit<Ask, 'credential'> & { readonly authorization?: string }> => {
    if (credential === undefined) return asked
    return { ...asked, authorization: await resolveCredential(served.scope, credential) }
  }
  channel.answer({
    locate: async ({ scope, client }) => {
      if (scope !== served.scope) return undefined
      if (client !== undefined && served.client !== undefined)
        return { own: client === served.client }
      // The caller's page is unknown: it may use this page's credential only when all pages have the same one.
      return { own: !(await served.isMixed?.()) }
    },
    info: async ({ url, own, ...asked }, { signal }) => {
      const lent = own === undefined ? undefined : lentResponse(served.scope, own)
      return await source.info(url, { ...(await authorized(asked)), signal, own: lent })
    },
    probe: async ({ info, ...asked }, { signal }) =>
      await source.probe(info, { ...(await authorized(asked)), signal }),
    demand: async ({ demand: id, info, range, ...ask }) => {
      const asked = await authorized(ask)
      const demand = await source.demand(info, range, { ...asked, onDevice: true })
      if (stopped) {
        demand.release()
        throw new FerryError('closed', 'The loader ended.')
      }
      held.set(id, { demand, heard: Date.now() })
      pinging ??= setInterval(tick, pingMs)
      return null
    },
  })
  channel.tell({ kind: 'here' })
  const stopListening = channel.listen((envelope) => {
    if (envelope.kind === 'release') release(envelope.demand)
    if (envelope.kind !== 'keep-alive') return
    const demand = held.get(envelope.demand)
    if (demand) demand.heard = Date.now()
    // Released while the device slept: its holder must ask again.
    else if (envelope.to !== undefined)
      channel.tell({ kind: 'release', demand: envelope.demand, to: envelope.from })
  })
  return () => {
    stopped = true
    stopListening()
    for (const id of held.keys()) release(id)
  }
}

/** Timeouts of a service worker for a loader, milliseconds. */
export interface LoaderTimeouts {
  /** Time to find a loader, because a page that is being loaded may be about to start its own. Then the service worker does the work. */
  readonly locateMs: number
  /** The same for a page whose loader was not found before. */
  readonly locateAgainMs: number
  /** Time for an answer, while the loader is alive. */
  readonly answerMs: number
  /** Longest silence before it counts as dead. */
  readonly silenceMs: number
  /** Interval between two pings to it. */
  readonly keepAliveMs: number
}

export const defaultTimeouts: LoaderTimeouts = {
  locateMs: 1000,
  locateAgainMs: 100,
  answerMs: 10 * 60_000,
  silenceMs: 5000,
  keepAliveMs: 4000,
}

/** Finds the loader of a page, for the service worker. */
export class LoaderSearch {
  readonly #channel: Channel
  readonly #scope: string
  readonly #timeouts: LoaderTimeouts
  /** Pages whose own loader did not answer in time, since the last one began to answer. */
  readonly #without = new Set<string | undefined>()
  /** Aborted when a loader says that it answers from now on. */
  #arrival = new AbortController()

  constructor(channel: Channel, scope: string, timeouts: LoaderTimeouts) {
    this.#channel = channel
    this.#scope = scope
    this.#timeouts = timeouts
    channel.listen(({ kind }) => {
      if (kind !== 'here') return
      this.#without.clear()
      this.#arrival.abort()
      this.#arrival = new AbortController()
    })
  }

  /** The loader of the caller's page, otherwise one of another page. */
  async find(options: SourceOptions): Promise<Answered<'locate'> | undefined> {
    const { client, page, signal } = options
    const { locateMs, locateAgainMs } = this.#timeouts
    const of = page ? { client } : {}
    const end = performance.now() + (this.#without.has(client) ? locateAgainMs : locateMs)
    for (;;) {
      const { signal: arrival } = this.#arrival
      const either = signal ? AbortSignal.any([signal, arrival]) : arrival
      const timeoutMs = end - performance.now()
      try {
        const prefer = page && { prefer: isOwn }
        const found = await this.locate(of, { timeoutMs, signal: either, ...prefer })
        if (found.answer.own) this.#without.delete(client)
        else this.#without.add(client)
        return found
      } catch (error) {
        signal?.throwIfAborted()
        if (arrival.aborted) continue
        if (encodeError(error).code !== 'timeout') throw error
        this.#without.add(client)
        return undefined
      }
    }
  }

  /** @throws FerryError `timeout` */
  locate(
    of: { client?: string | undefined },
    options: AskOptions<'locate'>,
  ): Promise<Answered<'locate'>> {
    return this.#channel.ask('locate', { scope: this.#scope, ...of }, options)
  }
}

function isOwn({ own }: { readonly own: boolean }): boolean {
  return own
}
