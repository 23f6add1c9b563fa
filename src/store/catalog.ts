import { openDatabase } from '../core/index.ts'
import { publicGrant } from '../auth/index.ts'
import { superseded } from './writer.ts'
import { get, promisifyRequest, type UseStore } from 'idb-keyval'
import type { FileInfo } from '../protocol/index.ts'
import type { CatalogUrl, CatalogFile, CatalogMissing, CatalogStretch, KnownPath } from './store.ts'

/** A URL's entry without some partitions. Undefined when nobody is left who may be answered. */
export function withoutGrants(
  entry: CatalogUrl | undefined,
  gone: readonly string[],
): CatalogUrl | undefined {
  const grants = entry?.grants.filter((each) => !gone.includes(each)) ?? []
  return entry && grants.length > 0 ? { ...entry, grants } : undefined
}

/** A folder whose file was removed. Its bytes stay until answers made from it have had their time. */
export interface GoneFolder {
  readonly name: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** Everything the catalog holds, read in one transaction. */
interface CatalogContents {
  readonly files: readonly CatalogFile[]
  readonly urls: readonly CatalogUrl[]
  readonly gone: readonly GoneFolder[]
}

/** The right to write a file, as of `begin`. */
type Claim = Pick<CatalogFile, 'content' | 'name' | 'generation'>

/** Missing files that are remembered, and how many of the oldest go when there are more. */
const missingLimit = 500
const missingExcess = 50

/**
 * What is on the device, as every realm sees it: keys `file:<content>`, `url:<url>`, `gone:<folder>`,
 * `missing:<grant> <url>`, `session:<app>`, and those of {@link Branches}. What belongs together changes in one
 * transaction, so that a crash leaves no half of it.
 */
export class Catalog {
  readonly #store: UseStore

  /** @param root first part of the database's name */
  constructor(root: string) {
    this.#store = openDatabase(`${root}-catalog`, 'catalog')
  }

  file(content: string): Promise<CatalogFile | undefined> {
    return get<CatalogFile>(`file:${content}`, this.#store)
  }

  url(url: string): Promise<CatalogUrl | undefined> {
    return get<CatalogUrl>(`url:${url}`, this.#store)
  }

  /** What one partition was told of a URL that leads to no file. */
  missing(url: string, grant: string): Promise<CatalogMissing | undefined> {
    return get<CatalogMissing>(missingKey(url, grant), this.#store)
  }

  async contents(): Promise<CatalogContents> {
    return this.#store('readonly', async (store) => {
      const all = await Promise.all(
        ['file:', 'url:', 'gone:'].map((prefix) => promisifyRequest(store.getAll(keys(prefix)))),
      )
      const [files, urls, gone] = all as [CatalogFile[], CatalogUrl[], GoneFolder[]]
      return { files, urls, gone }
    })
  }

  /** @param grant whose missing files are looked at */
  async stretch(prefix: string, grant: string): Promise<CatalogStretch> {
    return this.#store('readonly', async (store) => {
      const [urls, missing] = await Promise.all([
        promisifyRequest<CatalogUrl[]>(store.getAll(keys(`url:${prefix}`))),
        promisifyRequest<CatalogMissing[]>(store.getAll(keys(missingKey(prefix, grant)))),
      ])
      const files = await Promise.all(
        urls.map(({ info }) =>
          promisifyRequest<CatalogFile | undefined>(store.get(`file:${info.content}`)),
        ),
      )
      const states = new Map(files.flatMap((file) => (file ? [[file.content, file.state]] : [])))
      return { urls, missing, states }
    })
  }

  /**
   * Changes one file's entry; `undefined` deletes it. A folder that is thereby nobody's any more becomes
   * `gone`, and with the last of a file its URLs go.
   *
   * @param now epoch milliseconds
   * @param change must not wait for anything; what it throws ends the transaction without a change
   */
  updateFile<T extends CatalogFile | undefined>(
    content: string,
    now: number,
    change: (entry: CatalogFile | undefined) => T,
  ): Promise<T> {
    return this.#change(async (store) => {
      const old = await promisifyRequest<CatalogFile | undefined>(store.get(`file:${content}`))
      const next = change(old)
      if (old !== undefined && old.name !== next?.name) {
        store.put({ name: old.name, at: now } satisfies GoneFolder, `gone:${old.name}`)
      }
      if (next !== undefined) {
        store.put(next, `file:${content}`)
        store.delete(`gone:${next.name}`)
      } else if (old !== undefined) {
        store.delete(`file:${content}`)
        const urls = await promisifyRequest<CatalogUrl[]>(store.getAll(keys('url:')))
        for (const { url, info } of urls) if (info.content === content) store.delete(`url:${url}`)
      }
      return next
    })
  }

  /** @throws FerryError `superseded` when the claim is not the newest: then nothing is changed */
  commit(claim: Claim, now: number, patch: Partial<CatalogFile>): Promise<CatalogFile> {
    return this.updateFile(claim.content, now, (entry) => ({ ...newest(entry, claim), ...patch }))
  }

  /** @throws FerryError `superseded` when the claim is not the newest */
  async check(claim: Claim): Promise<void> {
    newest(await this.file(claim.content), claim)
  }

  /**
   * Changes one URL's entry; `undefined` deletes it.
   *
   * @param grant who has asked: what it was told before of a missing file is over
   */
  updateUrl(
    url: string,
    grant: string,
    change: (entry: CatalogUrl | undefined) => CatalogUrl | undefined,
  ): Promise<void> {
    return this.#change(async (store) => {
      const key = `url:${url}`
      const next = change(await promisifyRequest<CatalogUrl | undefined>(store.get(key)))
      if (next === undefined) store.delete(key)
      else store.put(next, key)
      store.delete(missingKey(url, grant))
    })
  }

  /** Notes that a URL leads to no file; the partition that was told so loses its grant for what it led to. */
  saveMissing(entry: CatalogMissing): Promise<void> {
    const { url, grant } = entry
    return this.#change(async (store) => {
      const old = await promisifyRequest<CatalogUrl | undefined>(store.get(`url:${url}`))
      const next = withoutGrants(old, [grant])
      if (next !== undefined) store.put(next, `url:${url}`)
      else store.delete(`url:${url}`)
      store.put(entry, missingKey(url, grant))
      const all = keys('missing:')
      if ((await promisifyRequest(store.count(all))) <= missingLimit) return
      const kept = await promisifyRequest<CatalogMissing[]>(store.getAll(all))
      const oldest = kept.toSorted((a, b) => a.checkedAt - b.checkedAt).slice(0, missingExcess)
      for (const gone of oldest) store.delete(missingKey(gone.url, gone.grant))
    })
  }

  /** Whose grants an app has in use. */
  async session(app: string): Promise<readonly string[]> {
    return (await get<readonly string[]>(`session:${app}`, this.#store)) ?? []
  }

  /** Changes whose grants an app has in use. Who goes loses all URLs, branches, and what was said of missing files. */
  changeSession(
    app: string,
    change: (grants: readonly string[]) => readonly string[],
  ): Promise<void> {
    return this.#change(async (store) => {
      const key = `session:${app}`
      const old = (await promisifyRequest<readonly string[] | undefined>(store.get(key))) ?? []
      const next = change(old)
      store.put(next, key)
      const gone = old.filter((grant) => !next.includes(grant))
      if (gone.length === 0) return
      for (const grant of gone) {
        store.delete(keys(missingKey('', grant)))
        store.delete(keys(`branch:${grant} `))
      }
      for (const entry of await promisifyRequest<CatalogUrl[]>(store.getAll(keys('url:')))) {
        const left = withoutGrants(entry, gone)
        if (left === undefined) store.delete(`url:${entry.url}`)
        else if (left.grants.length < entry.grants.length) store.put(left, `url:${entry.url}`)
      }
    })
  }

  /** Forgets all files and URLs, missing ones and branches too. The folders are gone. */
  clear(now: number): Promise<void> {
    return this.#change(async (store) => {
      const files = await promisifyRequest<CatalogFile[]>(store.getAll(keys('file:')))
      for (const kind of ['file:', 'url:', 'missing:', 'branch:', 'view:']) store.delete(keys(kind))
      for (const { name } of files)
        store.put({ name, at: now } satisfies GoneFolder, `gone:${name}`)
    })
  }

  /** Says that a folder is nobody's yet, so that it is swept should its maker die. */
  announce(name: string, now: number): Promise<void> {
    return this.#change(
      async (store) => void store.put({ name, at: now } satisfies GoneFolder, `gone:${name}`),
    )
  }

  /** After a gone folder's bytes were deleted. */
  forget(name: string): Promise<void> {
    return this.#change(async (store) => void store.delete(`gone:${name}`))
  }

  #change<T>(work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    return this.#store('readwrite', async (store) => {
      const done = promisifyRequest(store.transaction)
      try {
        const result = await work(store)
        await done
        return result
      } catch (error) {
        // The transaction may be over already, which abort() answers with an error of its own.
        done.catch(() => undefined)
        try {
          store.transaction.abort()
        } catch {}
        throw error
      }
    })
  }
}

function newest(entry: CatalogFile | undefined, claim: Claim): CatalogFile {
  if (entry?.generation !== claim.generation || entry.name !== claim.name) {
    throw superseded(claim.content)
  }
  return entry
}

function missingKey(url: string, grant: string): string {
  return `missing:${grant} ${url}`
}

function keys(prefix: string): IDBKeyRange {
  return IDBKeyRange.bound(prefix, `${prefix}\uffff`)
}

/** Grants of one URL that are kept at most; who was confirmed longest ago asks the hub again. */
const most = 16

/**
 * A URL's entry after the hub has answered one partition. While the URL leads to the same bytes, those who
 * were answered before keep their grant; when the bytes changed, they have to be checked again.
 */
export function grantUrl(old: CatalogUrl | undefined, info: FileInfo, grant: string): CatalogUrl {
  const before = old?.info.content === info.content ? old.grants : []
  const others = before.filter((each) => each !== grant)
  return {
    url: info.url,
    info,
    checkedAt: info.fetchedAt,
    grants: [...others, grant].slice(-most),
  }
}

/**
 * What is known of the paths below an address, for one asker. A path of which the hub said both is counted by
 * what it said last.
 */
export function knownPaths(
  { urls, missing, states }: CatalogStretch,
  prefix: string,
  grant: string,
): readonly KnownPath[] {
  const said = [
    ...urls
      .filter(({ grants }) => grants.some((one) => one === publicGrant || one === grant))
      .map(({ url, info, checkedAt }) => {
        const state = states.get(info.content)
        return { url, checkedAt, state: state ?? 'told' } as const
      }),
    ...missing.map(({ url, checkedAt }) => ({ url, checkedAt, state: 'none' }) as const),
  ]
  const newestLast = said.toSorted((a, b) => a.checkedAt - b.checkedAt)
  const paths = newestLast.map(({ url, state }) => [url.slice(prefix.length), state] as const)
  return [...new Map(paths)].map(([path, state]) => ({ path, state }))
}
