import { FerryError } from '../core/index.ts'
import type { AnsweringChannel } from '../protocol/index.ts'
import type { DownloadReader, FileSource } from './file-source.ts'

/** A demand whose service worker does not renew it for so long is given up, milliseconds. */
const forgottenMs = 30_000
const pingMs = 10_000

interface Held {
  readonly demand: DownloadReader
  heard: number
}

/** Whose files an engine brings. */
export interface Served {
  /** Of the service worker it works for. */
  readonly scope: string
  /** Id of its page, as the service worker knows it; undefined: not known. */
  readonly client?: string | undefined
  /** Gives the Authorization header that a reference stands for; absent: questions bring none. */
  readonly credential?: (reference: string) => Promise<string>
  /** Whether other loaders of the app work for other users; absent: there are none. */
  readonly isMixed?: () => Promise<boolean>
}

/**
 * Lets an engine work for the service worker: answers its questions and holds its demands. While there are
 * any, `ping` is called every 10 s: only an intercepted request keeps a service worker alive, messages do
 * not.
 *
 * @returns ends it
 */
export function serveChannel(
  channel: AnsweringChannel,
  source: FileSource,
  served: Served,
  ping: () => void,
): () => void {
  const held = new Map<string, Held>()
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
    const authorization = await served.credential?.(credential)
    if (authorization === undefined)
      throw new FerryError('worker', 'The loader takes no Authorization headers.')
    return { ...asked, authorization }
  }
  channel.answer({
    roll: async ({ scope, client }) => {
      if (scope !== served.scope) return undefined
      if (client !== undefined && served.client !== undefined)
        return { own: client === served.client }
      // The asker is not known: it has this page's credential only where every page has the same one.
      return { own: !(await served.isMixed?.()) }
    },
    info: async ({ url, ...asked }, { signal }) =>
      await source.info(url, { ...(await authorized(asked)), signal }),
    probe: async ({ info, ...asked }, { signal }) =>
      await source.probe(info, { ...(await authorized(asked)), signal }),
    demand: async ({ demand: id, info, range, ...ask }) => {
      const asked = await authorized(ask)
      const demand = await source.demand(info, range, asked)
      if (stopped) {
        demand.release()
        throw new FerryError('closed', 'The loader ended.')
      }
      held.set(id, { demand, heard: Date.now() })
      pinging ??= setInterval(tick, pingMs)
      return null
    },
  })
  const stopListening = channel.listen((envelope) => {
    if (envelope.kind === 'release') release(envelope.demand)
    if (envelope.kind !== 'hold') return
    const demand = held.get(envelope.demand)
    if (demand) demand.heard = Date.now()
    // Given up while the device slept: whoever still waits has to ask again.
    else if (envelope.to !== undefined)
      channel.tell({ kind: 'release', demand: envelope.demand, to: envelope.from })
  })
  return () => {
    stopped = true
    stopListening()
    for (const id of held.keys()) release(id)
  }
}
