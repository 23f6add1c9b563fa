import { createHasher } from '../codec/createHasher.ts'
import { systemClock } from '../core/systemClock.ts'
import type { Fetch } from '../net/Fetch.ts'
import type { Backoff } from '../net/Backoff.ts'
import type { RetryPolicy } from '../net/RetryPolicy.ts'
import type { Channel } from '../protocol/Channel.ts'
import { idbRecordStore } from '../reconstruction/idbRecordStore.ts'
import { Reconstructions } from '../reconstruction/Reconstructions.ts'
import type { Store } from '../store/Store.ts'
import type { Asker } from './Asker.ts'
import { askerOf } from './askerOf.ts'
import { Engine } from './Engine.ts'
import { whenOnline } from './whenOnline.ts'

/** Range requests side by side: what Chromium opens to one HTTP/1.1 host. */
const connections = 6

/** What differs between the realms an engine runs in. */
export interface EngineOptions {
  readonly channel: Channel
  readonly store: Store
  readonly retry: RetryPolicy
  /** Whether requests that were given up go on to their end, each on a connection of its own. Default: no. */
  readonly lingering?: boolean
  readonly fetch: Fetch
  /** The same without asking for another token after a 401, where `fetch` does. */
  readonly bareFetch?: Fetch
  /** The realm's only one ({@link openBackoff}). */
  readonly backoff: Backoff
  /** Absent: nobody has a credential but the requests' own. */
  readonly authorize?: (url: string, refused?: string) => Promise<string | undefined>
  readonly asker?: (url: string) => Promise<Asker>
}

/** Puts an engine together from the parts that this browser has. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { channel, store, retry, lingering, fetch, bareFetch = fetch, backoff } = options
  const { authorize = async () => undefined, asker = () => askerOf(undefined) } = options
  const net = { fetch, clock: systemClock, random: Math.random, retry, backoff }
  const reconstructions = new Reconstructions({
    net: { ...net, online: whenOnline },
    store: idbRecordStore(),
    locks: navigator.locks,
    onEvent: ({ content, url, generation }) =>
      channel.emit({ name: 'renewed', detail: { content, url, generation } }),
  })
  const hasher = await createHasher()
  return new Engine({
    net,
    store,
    reconstructions,
    hasher,
    connections,
    // One may have to wait for all that linger; given up for it, it would be the next to linger.
    pieceMs: lingering ? connections * retry.firstByteMs : undefined,
    online: whenOnline,
    channel,
    authorize,
    asker,
    bareFetch,
  })
}
