import { createHasher } from '../codec/index.ts'
import { openDatabase, type SwParameters, whenOnline } from '../platform/index.ts'
import { systemClock, withTimeout } from '../core/index.ts'
import { Backoff, defaultRetry, type Fetch, type Pause, type RetryPolicy } from '../net/index.ts'
import { idbRecordStore, Reconstructions } from '../reconstruction/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { Engine } from './engine.ts'
import { OpenResponses, principalOf, type Principal, type FileSource } from './file-source.ts'
import { get, update } from 'idb-keyval'
import type { Channel } from '../protocol/index.ts'

/** Concurrent range requests: the connection limit of Chromium per HTTP/1.1 host. */
const connections = 6

/** The options of an engine that differ between realms. */
export interface EngineOptions {
  readonly channel: Channel
  readonly store: Store
  readonly retry: RetryPolicy
  /** Whether files may be fetched in chunks from Xet storage. Default: true. */
  readonly xet?: boolean | undefined
  /** Other addresses for the hosts that the engine asks, by URL prefix. Default: none. */
  readonly endpoints?: Readonly<Record<string, string>> | undefined
  /** Whether aborted requests continue to their end, each on its own connection. Default: no. */
  readonly lingering?: boolean
  readonly fetch: Fetch
  /** Like `fetch`, without its token renewal after a 401. */
  readonly bareFetch?: Fetch
  /** Whether `fetch` adds something to requests for a URL. Absent: never. */
  readonly differs?: (url: string) => boolean
  /** The back-off of the realm ({@link openBackoff}). */
  readonly backoff: Backoff
  /** Absent: only the requests' own credentials are used. */
  readonly authorize?: (url: string, refused?: string) => Promise<string | undefined>
  readonly principal?: (url: string) => Promise<Principal>
}

/** Creates an engine with the features of this browser. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { channel, store, retry, xet = true, lingering, backoff, endpoints = {} } = options
  const { fetch, bareFetch = fetch } = options
  const { authorize = async () => undefined, principal = () => principalOf(undefined) } = options
  const endpoint = endpointOf(endpoints)
  const net = { fetch, clock: systemClock, random: Math.random, retry, backoff, endpoint }
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
    // A request may have to wait for all lingering ones. If it timed out while waiting, it would linger too.
    pieceMs: lingering ? connections * retry.firstByteMs : undefined,
    online: whenOnline,
    openResponses: new OpenResponses(systemClock),
    xet,
    channel,
    authorize,
    principal,
    bareFetch,
    differs: (url) => options.differs?.(url) === true || endpoint(url) !== url,
  })
}

/** Opening a database can hang in some browsers; requests wait at most this long for pauses of other realms. */
const patienceMs = 1000

/** Stored pauses of servers, for realms that start later. */
export interface KeptPauses {
  readonly keep: (pause: Pause) => Promise<void>
  /** @throws the error of IndexedDB */
  readonly recall: () => Promise<readonly Pause[]>
}

/**
 * Stores the latest pauses of this device in IndexedDB. If that fails, a new realm learns them from the servers
 * again.
 *
 * @param database name; tests use another one
 */
export function keptPauses(database: string = 'modelferry-pauses'): KeptPauses {
  const store = openDatabase(database, 'pauses')
  const recall = async (): Promise<readonly Pause[]> =>
    (await withTimeout(get<readonly Pause[]>('all', store), patienceMs, 'No pauses in time.')) ?? []
  return {
    recall,
    keep: (pause) =>
      update<readonly Pause[]>(
        'all',
        (kept = []) => [
          ...kept.filter(({ origin, until }) => origin !== pause.origin && until > Date.now()),
          pause,
        ],
        store,
      ),
  }
}

/** This realm's back-off, which shares pauses with all other realms, also with later ones. */
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

/** The engine of a service worker: it uses only the requests' own tokens. */
export const builtInEngine: SpareEngine = {
  build: __BUILD__,
  version: __VERSION__,
  async open(channel, fetch, { xet, endpoints }) {
    const store = await openStore({ hasher: await createHasher() })
    const [retry, backoff] = [defaultRetry, openBackoff(channel, defaultRetry)]
    const options = { channel, store, retry, backoff, fetch, xet, endpoints }
    return { store, source: await createEngine(options) }
  },
}

/** An engine for files that no loader serves. */
export interface SpareEngine {
  /** Its build: it shares channel and store with the rest of the realm. */
  readonly build: string
  /** Version for messages. */
  readonly version: string
  /**
   * @param fetch for the engine's own requests
   * @param parameters of the service worker's script, because the service worker may be started at any time
   * @throws FerryError `unsupported` or `storage`, when files cannot be stored
   */
  open(
    channel: Channel,
    fetch: Fetch,
    parameters: Pick<SwParameters, 'xet' | 'endpoints'>,
  ): Promise<{ source: FileSource; store: Store }>
}

/**
 * The address that is asked in place of a URL, with path and query as they are: a signature holds for them. Headers go
 * along: an app that maps a host trusts the other one with what is meant for it.
 */
export function endpointOf(endpoints: Readonly<Record<string, string>>): (url: string) => string {
  const pairs = Object.entries(endpoints).map((pair) =>
    pair.map((address) => address.replace(/\/+$/, '')),
  )
  return (url) => {
    for (const [from = '', to = ''] of pairs)
      if (url.startsWith(from) && /^[/?#]|^$/.test(url.slice(from.length)))
        return to + url.slice(from.length)
    return url
  }
}
