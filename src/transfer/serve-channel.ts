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
  channel.answer({
    roll: async ({ scope, client }) => {
      if (scope !== served.scope) return undefined
      // Where nobody knows better, it is.
      const known = client !== undefined && served.client !== undefined
      return { own: !known || client === served.client }
    },
    info: ({ url, ...asked }, { signal }) => source.info(url, { ...asked, signal }),
    probe: ({ info, ...asked }, { signal }) => source.probe(info, { ...asked, signal }),
    demand: async ({ demand: id, info, range, ...asked }) => {
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
