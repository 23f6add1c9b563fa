// Differences between browsers, and what modelferry uses of their platform: script URLs, caches, databases.

import { promisifyRequest, type UseStore } from 'idb-keyval'

const handle = (): Partial<FileSystemFileHandle> | undefined =>
  globalThis.FileSystemFileHandle?.prototype

/** Detected by client hints, which no other engine has. Node 20 has no navigator. */
const isChromium = (): boolean => 'userAgentData' in (globalThis.navigator ?? {})

/** Safari's engine. Chromium has its name in the user agent too, also when it gives no client hints. */
const isWebKit = (): boolean =>
  !isChromium() && /^(?!.*Chrome\/).*AppleWebKit/.test(globalThis.navigator?.userAgent ?? '')

let opens: Promise<boolean> | undefined

async function tryToOpen(folder: FileSystemDirectoryHandle): Promise<boolean> {
  const name = `trial-${crypto.randomUUID()}`
  try {
    const file = await folder.getFileHandle(name, { create: true })
    const open = await file.createSyncAccessHandle()
    open.close()
    return true
  } catch (error) {
    // Deleted by another realm in between, which proves nothing.
    return error instanceof DOMException && error.name === 'NotFoundError'
  } finally {
    await folder.removeEntry(name).catch(() => undefined)
  }
}

let transfers: boolean | undefined

function tryToTransfer(): boolean {
  const stream = new ReadableStream()
  try {
    structuredClone(stream, { transfer: [stream] })
    return true
  } catch {
    return false
  }
}

/**
 * All differences between browsers, and between the realms of one browser, in one place. Those that only matter where
 * files are written or responses carried are functions below, so that the service worker's script does not contain them.
 * For each missing capability there is a slower way that gives the same bytes. Capabilities are detected by a test,
 * except where a comment says why that is impossible.
 */
export const capabilities = {
  /**
   * A body that a service worker feeds reaches the page correctly. Otherwise a response is sent when its whole body
   * is available. In Firefox 153 a terminated worker leaves a body that looks complete, also when a newer worker
   * replaced it mid-body, and headers are held back until the first byte.
   *
   * Not tested at run time: the test would have to terminate a worker. Measured in Chromium 156 and WebKitGTK 2.50.
   */
  get fedBodies(): boolean {
    return isChromium() || isWebKit()
  },
  /**
   * A newer service worker terminates the previous one, and the bodies of its responses fail, also bodies from files.
   * It waits while an event is held open (WebKitGTK 2.50). In other browsers bodies need no event, and holding one
   * for five minutes terminates the worker (Chromium 156).
   */
  get bodiesNeedEvents(): boolean {
    return isWebKit()
  },
  /**
   * A worker's fetch ends when it is aborted or when its worker ends. Otherwise it runs to its end and holds a
   * connection until then (Firefox 153, for workers that a service worker controls).
   *
   * Not tested at run time: only the server can tell. Measured in Chromium 156 and WebKitGTK 2.50.
   */
  get abortedFetches(): boolean {
    return isChromium() || isWebKit()
  },
}

/**
 * Whether files are written in place with sync access handles. Dedicated workers only; other realms write pieces with
 * `createWritable`. WebKitGTK 2.50 has the method, also in service workers, but it always fails.
 *
 * @param folder of OPFS for the test
 */
export async function writesInPlace(folder: FileSystemDirectoryHandle): Promise<boolean> {
  if (typeof handle()?.createSyncAccessHandle !== 'function') return false
  return await (opens ??= tryToOpen(folder))
}

/** Whether files can be written as streams, which become visible when they are closed. Safari before 26 has none. */
export function writesPieces(): boolean {
  return typeof handle()?.createWritable === 'function'
}

/**
 * Whether a stream can be transferred to another realm; otherwise a body is read whole first. Safari before 27 cannot
 * transfer streams.
 */
export function transfersStreams(): boolean {
  return (transfers ??= tryToTransfer())
}

/** Longest wait for the browser's online event; its state may be wrong. */
const offlineMs = 60_000
/** Dedicated workers in Chromium see `navigator.onLine` change, but are not sent the event (156). */
const pollMs = 500

/**
 * Settles when the device has a network again; at once when it has, or when the browser cannot tell.
 *
 * @throws the signal's reason when it is aborted first
 */
export function whenOnline(signal?: AbortSignal): Promise<void> {
  if (!('onLine' in navigator) || navigator.onLine) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer)
      clearInterval(look)
      globalThis.removeEventListener('online', settle)
      signal?.removeEventListener('abort', settle)
      if (signal?.aborted) reject(signal.reason)
      else resolve()
    }
    const timer = setTimeout(settle, offlineMs)
    const look = setInterval(() => navigator.onLine && settle(), pollMs)
    globalThis.addEventListener('online', settle)
    signal?.addEventListener('abort', settle)
  })
}

/** The parts of Trusted Types that are used here; not every browser has them. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown }
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined

/**
 * The URL of a worker file as pages with Trusted Types require it: made by the policy `modelferry`, which accepts
 * only URLs of the page's own origin and is not exposed.
 *
 * If the page does not allow that policy, the result is the URL itself: a default policy of the page may accept it.
 *
 * @param url of a worker file, absolute
 * @throws TypeError for a URL of another origin
 * Source: Trusted Types, sections on policies and on `require-trusted-types-for`.
 */
export function trustedScript(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  try {
    policy ??= trustedTypes?.createPolicy('modelferry', { createScriptURL: ofThisOrigin })
  } catch {
    return url
  }
  // TypeScript's library types script URLs as strings only.
  return (policy?.createScriptURL(url) as string | undefined) ?? url
}

function ofThisOrigin(url: string): string {
  if (new URL(url).origin === location.origin) return url
  throw new TypeError('modelferry starts workers of its own origin only.')
}

/** The kinds of responses that are stored whole beside model files: hub metadata and model runtimes. */
export type AnswerKind = 'notes' | 'runtimes'

/**
 * Name of the cache of one kind, for one app. Its service worker fills it; its loaders count and clear it.
 *
 * @param scope the app's
 */
export function answerCache(kind: AnswerKind, scope: string): string {
  return `modelferry-${kind}-${scope}`
}

const grantParameter = 'modelferry-grant='

/** Key of a response in such a cache: its URL without secrets, and the digest of its credential. */
export function answerKey(name: string, grant: string | undefined): string {
  return grant === undefined
    ? name
    : `${name}${name.includes('?') ? '&' : '?'}${grantParameter}${grant}`
}

/** The URL of a key made by {@link answerKey}, without its digest. */
export function answeredAddress(key: string): string {
  const at = key.lastIndexOf(grantParameter)
  return at < 0 ? key : key.slice(0, at - 1)
}

/**
 * Opens an IndexedDB database with one object store, for idb-keyval. Unlike its `createStore`, the connection closes when
 * the database is deleted (by the app, or by "clear site data"). So the deletion is not blocked, and the next use
 * opens the database again. A transaction that was aborted because its connection was closed is repeated: its work must
 * change nothing but the database. What is read at once is read in one transaction ({@link inGroups}).
 *
 * @throws the error of IndexedDB, at the first use
 * @example await set('key', value, openDatabase('modelferry-records', 'records'))
 */
export function openDatabase(name: string, storeName: string): Database {
  let opened: Promise<IDBDatabase> | undefined
  const forget = (): void => void (opened = undefined)
  const connection = (): Promise<IDBDatabase> => (opened ??= open())
  const open = async (): Promise<IDBDatabase> => {
    const request = indexedDB.open(name)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(storeName))
    const database = await promisifyRequest(request)
    database.addEventListener('close', forget)
    database.addEventListener('versionchange', () => {
      forget()
      database.close()
    })
    return database
  }
  // At once: the first request of a page need not wait for it.
  void connection().catch(forget)
  const run: UseStore = async (mode, work) => {
    for (let left = mostTries; ; left -= 1) {
      const opening = connection()
      let store: IDBObjectStore | undefined
      try {
        store = (await opening).transaction(storeName, mode).objectStore(storeName)
        return await work(store)
      } catch (error) {
        // The connection was closed: before the transaction, or with it, so that nothing of it has happened.
        const { name } = error as Error
        const closed = name === 'AbortError' || (!store && name === 'InvalidStateError')
        if (opened === opening && (closed || !store)) forget()
        if (left === 1 || !closed) throw error
      }
    }
  }
  const read = inGroups((works) =>
    run('readonly', (store) => Promise.all(works.map((work) => work(store)))),
  )
  const change = inGroups((works) =>
    run('readwrite', async (store) => {
      const done = promisifyRequest(store.transaction)
      try {
        const results: unknown[] = []
        // One after the other: each must see the changes of those before it.
        for (const work of works) results.push(await work(store))
        await done
        return results
      } catch (error) {
        // The transaction may have ended already; abort() then throws its own error.
        done.catch(() => undefined)
        try {
          store.transaction.abort()
        } catch {}
        throw error
      }
    }),
  )
  return Object.assign<UseStore, Pick<Database, 'change'>>(
    (mode, work) => (mode === 'readonly' ? read(work) : run(mode, work)),
    { change },
  )
}

/** A database with one object store. */
export interface Database extends UseStore {
  /**
   * Changes it in one transaction, which may be that of other changes: resolves when all of the work's changes are stored, and
   * none of them is when it rejects.
   */
  readonly change: <T>(work: Work<T>) => Promise<T>
}

/** Reads or changes a database, in a transaction. */
type Work<T> = (store: IDBObjectStore) => T | PromiseLike<T>

/**
 * Runs works that come at once together: those that come while a group runs are the next one. Each transaction costs several
 * messages between processes, and waits for those before it; the files of a model are often requested at once.
 *
 * @param run does all works in one transaction, or none
 * @returns a function that does one work; after the failure of a group, each of its works is repeated alone, so that only those
 *   fail that must
 */
function inGroups(
  run: (works: readonly Work<unknown>[]) => Promise<unknown[]>,
): <T>(work: Work<T>) => Promise<T> {
  let waiting: Work<unknown>[] = []
  let last: Promise<unknown[]> = Promise.resolve([])
  return async <T>(work: Work<T>) => {
    const group = waiting
    const at = group.push(work) - 1
    const start = (): Promise<unknown[]> => {
      waiting = []
      return run(group)
    }
    if (at === 0) last = last.then(start, start)
    try {
      return (await last)[at] as T
    } catch (error) {
      if (group.length === 1) throw error
      return (await run([work]))[0] as T
    }
  }
}

/** Deleting a site's data closes connections several times in a row. */
const mostTries = 4
