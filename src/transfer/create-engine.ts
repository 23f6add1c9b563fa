import { createHasher } from '../codec/index.ts'
import { openDatabase, systemClock, withTimeout } from '../core/index.ts'
import {
  Backoff,
  defaultRetry,
  type Fetch,
  type Pause,
  type RetryPolicy,
  whenOnline,
} from '../net/index.ts'
import { idbRecordStore, Reconstructions } from '../reconstruction/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { Engine } from './engine.ts'
import { askerOf, type Asker, type FileSource } from './file-source.ts'
import { get, update, type UseStore } from 'idb-keyval'
import type { Channel } from '../protocol/index.ts'

/** Range requests side by side: what Chromium opens to one HTTP/1.1 host. */
const connections = 6

/** What differs between the realms an engine runs in. */
export interface EngineOptions {
  readonly channel: Channel
  readonly store: Store
  readonly retry: RetryPolicy
  /** Whether files may be fetched in chunks from Xet storage. Default: true. */
  readonly xet?: boolean
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
  const {
    channel,
    store,
    retry,
    xet = true,
    lingering,
    fetch,
    bareFetch = fetch,
    backoff,
  } = options
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
    xet,
    channel,
    authorize,
    asker,
    bareFetch,
  })
}

/** Opening a database can hang in some browsers; no request waits longer for news of other realms. */
const patienceMs = 1000

/** Where realms that begin later learn which servers want to be left alone. */
export interface KeptPauses {
  readonly keep: (pause: Pause) => Promise<void>
  /** @throws what IndexedDB fails with */
  readonly recall: () => Promise<readonly Pause[]>
}

/**
 * The last pauses that this device was asked for, in IndexedDB. Where that fails, a new realm has to be told
 * by the servers themselves.
 *
 * @param database name; another one only for tests
 */
export function keptPauses(database: string = 'modelferry-pauses'): KeptPauses {
  let opened: UseStore | undefined
  const store = (): UseStore => (opened ??= openDatabase(database, 'pauses'))
  const recall = async (): Promise<readonly Pause[]> =>
    (await withTimeout(get<readonly Pause[]>('all', store()), patienceMs, 'No pauses in time.')) ??
    []
  return {
    recall,
    keep: (pause) =>
      update<readonly Pause[]>(
        'all',
        (kept = []) => [
          ...kept.filter(({ origin, until }) => origin !== pause.origin && until > Date.now()),
          pause,
        ],
        store(),
      ),
  }
}

/** This realm's back-off, which shares what it is told with all others, also with those that begin later. */
export function openBackoff(
  channel: Channel,
  { maxWaitMs }: Pick<RetryPolicy, 'maxWaitMs'>,
  { keep, recall }: KeptPauses = keptPauses(),
): Backoff {
  const backoff = new Backoff({
    clock: systemClock,
    random: Math.random,
    maxWaitMs,
    recall,
    tell: (pause) => {
      channel.tell({ kind: 'pause', pause })
      void keep(pause).catch(() => undefined)
    },
  })
  channel.listen((envelope) => {
    if (envelope.kind === 'pause') backoff.hear(envelope.pause)
  })
  return backoff
}

/** The engine of a service worker: no configuration reaches it, so it has no token but the requests' own. */
export const builtInEngine: SpareEngine = {
  build: __BUILD__,
  version: __VERSION__,
  async open(channel, fetch) {
    const store = await openStore({ hasher: await createHasher() })
    const [retry, backoff] = [defaultRetry, openBackoff(channel, defaultRetry)]
    return { store, source: await createEngine({ channel, store, retry, backoff, fetch }) }
  },
}

/** What carries files where no loader does. */
export interface SpareEngine {
  /** The build it is of: it shares channel and store with the others of its realm. */
  readonly build: string
  /** For people. */
  readonly version: string
  /**
   * @param fetch for the engine's own requests
   * @throws FerryError `unsupported` or `storage`, where files cannot be kept
   */
  open(channel: Channel, fetch: Fetch): Promise<{ source: FileSource; store: Store }>
}
