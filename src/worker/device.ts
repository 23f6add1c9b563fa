import { addressOf, branchOf, hasSecret, keyOf } from '../address/index.ts'
import { answerCache, type AnswerKind, answeredAddress } from '../platform/index.ts'
import { idbRecordStore, type RecordStore } from '../reconstruction/index.ts'
import { findCopies, removeCopies } from './library-copies.ts'
import type { DeviceUsage, HeldFile, KeptCopy, VerifyReport } from '../data/index.ts'
import type { CatalogBranch, Store, StoredFile, Verification } from '../store/index.ts'

/**
 * The storage addresses of a page's URL: by the commit that the page sees of the branch, by other commits of the
 * branch, newest first, and by the URL itself.
 *
 * @param url in the spelling of `keyOf`
 */
export async function addressesOf(
  { branches }: Pick<Store, 'branches'>,
  url: string,
  client: string,
): Promise<readonly string[]> {
  const branch = branchOf(url)
  if (!branch) return [url]
  const { base, path, at } = branch
  const { seen, stored } = await branches.read(base, client)
  const newestFirst = stored.toSorted((a, b) => b.checkedAt - a.checkedAt)
  const commits = newestFirst.flatMap((one) => one.commits)
  const all = new Set(seen === undefined ? commits : [seen, ...commits])
  return [...[...all].map((commit) => at(commit) + path), url]
}

/**
 * The page's URLs of files that are stored by commit.
 *
 * @param addresses storage addresses of files
 * @returns URLs by branches, for each address that has any: a branch's URL names only one file, the newest
 */
export function branchNames(
  addresses: readonly string[],
  branches: readonly CatalogBranch[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { base, commits } of branches) {
    const named = new Set<string>()
    for (const commit of commits) {
      const root = `${branchOf(`${base}/-`)?.at(commit)}/`
      for (const address of addresses) {
        const name = `${base}/${address.slice(root.length)}`
        if (!address.startsWith(root) || named.has(name)) continue
        named.add(name)
        names.set(address, [...new Set([...(names.get(address) ?? []), name])])
      }
    }
  }
  return names
}

/**
 * The public description of a stored file.
 *
 * @param names URLs by branches, by the address with the commit
 */
export function heldFile(
  file: StoredFile,
  names: ReadonlyMap<string, readonly string[]>,
): HeldFile {
  const { urls, content, size, held, state, lastUsed, pinned } = file
  const newest = urls.toSorted((a, b) => b.checkedAt - a.checkedAt)[0]
  const { commit: revision, etag } = newest?.info ?? {}
  return {
    urls: urls.flatMap(({ url }) => [...(names.get(url) ?? []), url]),
    content,
    size,
    held,
    complete: state === 'complete',
    lastUsed,
    pinned,
    ...(revision !== undefined && { revision }),
    ...(etag !== undefined && { etag }),
    ...provenBy(file),
  }
}

function provenBy({ proof }: Pick<StoredFile, 'proof'>): Pick<HeldFile, 'verified'> {
  return proof ? { verified: proof === 'length' ? 'no' : proof } : {}
}

/**
 * Turns a damaged file into a partial one: it is no longer served, its intact parts stay, and the next request
 * fetches the rest. A file that its own description contradicts is removed with it, so that the hub is asked again.
 */
export async function reopenDamaged(
  store: Store,
  content: string,
  { name, contradicts }: Verification,
): Promise<void> {
  if (contradicts) return await store.remove(content)
  await store.lock(content, {}, async (signal) => {
    const entry = await store.entry(content)
    // The damaged bytes may have been removed or replaced meanwhile.
    if (entry?.name !== name) return
    const file = await store.begin(content, entry.size, { heal: true, signal })
    await file.close()
  })
}

/**
 * Deletes reconstruction records that no load continues: those of files that are complete, abandoned or removed. A
 * record contains URLs, also signed ones, and grows with the parts of its file.
 *
 * @param before epoch milliseconds; later records may be of a load that is about to begin
 */
export async function pruneRecords(
  records: RecordStore,
  store: Pick<Store, 'entry'>,
  before: number,
): Promise<void> {
  for (const content of await records.contents()) {
    const { blocks = [], info } = (await records.get(content)) ?? {}
    const partial = (await store.entry(content))?.state === 'partial'
    const old = !partial && blocks.every(({ fetchedAt }) => fetchedAt < before)
    // An earlier release stored URLs unchanged, including secrets.
    if (old || (info && hasSecret(info.url))) await records.remove(content)
  }
}

/** The files on the device, by the page's URLs. */
export class Device {
  readonly #store: Store
  readonly #answers: CachedResponses
  readonly #client: string
  readonly #patterns: readonly string[]

  /**
   * @param client the client whose view of branches is used
   * @param patterns of files, as the page gave them
   */
  constructor(
    store: Store,
    answers: CachedResponses,
    client: string,
    patterns: readonly string[] = [],
  ) {
    this.#patterns = patterns
    this.#store = store
    this.#answers = answers
    this.#client = client
  }

  async files(): Promise<readonly HeldFile[]> {
    const store = this.#store
    const [files, branches] = await Promise.all([store.files(), store.branches.entries()])
    const addresses = files.flatMap(({ urls }) => urls.map(({ url }) => url))
    const names = branchNames(addresses, branches)
    return files.map((file) => heldFile(file, names))
  }

  async holds(url: string): Promise<boolean> {
    const [content] = await this.#contentsOf(url)
    return content !== undefined && (await this.#store.file(content)) !== undefined
  }

  async verify(url: string): Promise<VerifyReport> {
    for (const content of await this.#contentsOf(url)) {
      const entry = await this.#store.entry(content)
      const found = entry && (await this.#store.verify(content))
      if (!entry || !found) continue
      const { intact } = found
      if (!intact) await reopenDamaged(this.#store, content, found)
      const damaged = found.damaged.reduce((sum, { start, end }) => sum + end - start, 0)
      const { state, size, held } = entry
      return { state, intact, size, held, damaged, ...provenBy(entry) }
    }
    return { state: 'absent', intact: false, size: 0, held: 0, damaged: 0 }
  }

  async remove(url: string): Promise<boolean> {
    const addresses = await this.#addressesOf(url)
    const contents = await this.#contentsAt(addresses)
    const forgotten = await this.#store.forgetUrls((one) => addresses.includes(one))
    for (const content of contents) await this.#store.remove(content)
    const answered = await this.#answers.remove(url)
    return forgotten > 0 || answered
  }

  async clear(): Promise<void> {
    await Promise.all([this.#store.clear(), this.#answers.clear()])
    await pruneRecords(idbRecordStore(), this.#store, Infinity)
  }

  async pin(url: string, pinned: boolean): Promise<void> {
    const [content] = await this.#contentsOf(url)
    if (content !== undefined) await this.#store.pin(content, pinned)
  }

  async usage(): Promise<DeviceUsage> {
    const [room, copies, notes, runtimes] = await Promise.all([
      this.#store.usage(),
      findCopies(await this.files()),
      this.#answers.size('notes'),
      this.#answers.size('runtimes'),
    ])
    return { ...room, copies, notes, runtimes }
  }

  async removeCopies(signal: AbortSignal): Promise<readonly KeptCopy[]> {
    return await removeCopies(this, signal)
  }

  /** The contents of a URL: for a branch, first the one that this page sees, then those of others. */
  async #contentsOf(url: string): Promise<readonly string[]> {
    return await this.#contentsAt(await this.#addressesOf(url))
  }

  async #addressesOf(url: string): Promise<readonly string[]> {
    const key = keyOf(addressOf(url, this.#patterns).name)
    return await addressesOf(this.#store, key, this.#client)
  }

  async #contentsAt(addresses: readonly string[]): Promise<readonly string[]> {
    const known = await Promise.all(addresses.map((address) => this.#store.url(address)))
    return [...new Set(known.flatMap((entry) => (entry ? [entry.info.content] : [])))]
  }
}

const kinds: readonly AnswerKind[] = ['notes', 'runtimes']

/** The responses that the service worker of this app stores beside model files. Empty when the browser blocks access. */
export class CachedResponses {
  readonly #scope: string

  /** @param scope scope of the app */
  constructor(scope: string) {
    this.#scope = scope
  }

  /** @returns bytes, as far as the responses have a length */
  async size(kind: AnswerKind): Promise<number> {
    const lengths = await this.#in(kind, async (cache) =>
      (await cache.matchAll()).map(({ headers }) => Number(headers.get('content-length'))),
    )
    return lengths?.reduce((sum, length) => sum + length, 0) ?? 0
  }

  /** @returns whether there was a response for this URL, for any credential */
  async remove(url: string): Promise<boolean> {
    const { name } = addressOf(url)
    return await this.#removeAll((key) => answeredAddress(key) === name)
  }

  /** Removes entries that an earlier release stored under URLs with secrets. */
  async tidy(): Promise<void> {
    await this.#removeAll(hasSecret)
  }

  async clear(): Promise<void> {
    await Promise.all(
      kinds.map((kind) => caches.delete(answerCache(kind, this.#scope)).catch(() => false)),
    )
  }

  async #removeAll(isGone: (key: string) => boolean): Promise<boolean> {
    const deleted = kinds.map((kind) =>
      this.#in(kind, async (cache) => {
        const keys = (await cache.keys()).filter(({ url }) => isGone(url))
        return await Promise.all(keys.map((key) => cache.delete(key)))
      }),
    )
    return (await Promise.all(deleted)).some((each) => each?.includes(true))
  }

  async #in<T>(kind: AnswerKind, work: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    try {
      const name = answerCache(kind, this.#scope)
      // Opening a missing cache would create it.
      return (await caches.has(name)) ? await work(await caches.open(name)) : undefined
    } catch {
      return undefined
    }
  }
}

/** Reconstruction records that are older than this belong to no starting load, milliseconds. */
const recordLifetimeMs = 3_600_000

/**
 * Cleanup after the start of a loader: deletes what is not needed, and unreferenced bytes, and merges the piece files that a
 * service worker without a loader left.
 */
export async function tidy(store: Store, answers: CachedResponses, now: number): Promise<void> {
  await answers.tidy()
  await pruneRecords(idbRecordStore(), store, now - recordLifetimeMs)
  await store.forgetUrls(hasSecret)
  await store.sweep()
  for (const { content, state, parts } of await store.files()) {
    if (state !== 'complete' || parts.length < 2) continue
    await store.lock(content, { ifAvailable: true }, (signal) => store.merge(content, signal))
  }
}
