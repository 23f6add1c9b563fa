// Write operations of the catalog: files by content, URLs with their grants, missing files.
import { isSimilarUrl } from '../address/index.ts'
import {
  CatalogReader,
  removedFolder,
  type RemovedFolder,
  isGranted,
  missingKey,
} from './catalog-reader.ts'
import { Branches, keys } from './branches.ts'
import { superseded } from './writer.ts'
import { get, getMany, promisifyRequest } from 'idb-keyval'
import type { FileInfo } from '../data/index.ts'
import type { CatalogFile, CatalogMissing, CatalogUrl } from './store.ts'

/** A URL's entry without some partitions. Undefined when none is left. */
export function withoutGrants(
  entry: CatalogUrl | undefined,
  removed: readonly string[],
): CatalogUrl | undefined {
  const grants = entry?.grants.filter((each) => !removed.includes(each)) ?? []
  return entry && grants.length > 0 ? { ...entry, grants } : undefined
}

/** The whole catalog, read in one transaction. */
interface CatalogContents {
  readonly files: readonly CatalogFile[]
  readonly urls: readonly CatalogUrl[]
  readonly removed: readonly RemovedFolder[]
}

/** Missing files that are remembered, and how many of the oldest go when there are more. */
const missingLimit = 500
const missingExcess = 50

/** The whole catalog, for realms that write files. */
export class Catalog extends CatalogReader {
  override readonly branches: Branches = new Branches(this.store)

  url(url: string): Promise<CatalogUrl | undefined> {
    return get<CatalogUrl>(`url:${url}`, this.store)
  }

  async contents(): Promise<CatalogContents> {
    return this.store('readonly', async (store) => {
      const all = await Promise.all(
        ['file:', 'url:', 'gone:'].map((prefix) => promisifyRequest(store.getAll(keys(prefix)))),
      )
      const [files, urls, removed] = all as [CatalogFile[], CatalogUrl[], RemovedFolder[]]
      return { files, urls, removed }
    })
  }

  /** The entries of several files, read in one transaction. */
  filesOf(contents: readonly string[]): Promise<(CatalogFile | undefined)[]> {
    return getMany<CatalogFile | undefined>(
      contents.map((content) => `file:${content}`),
      this.store,
    )
  }

  /** @throws FerryError `superseded` when the claim is not the newest: then nothing is changed */
  commit(claim: CatalogFile, now: number, patch: Partial<CatalogFile>): Promise<CatalogFile> {
    return this.updateFile(claim.content, now, (entry) => ({ ...newest(entry, claim), ...patch }))
  }

  /** @throws FerryError `superseded` when the claim is not the newest */
  async check(claim: CatalogFile): Promise<void> {
    newest(await this.file(claim.content), claim)
  }

  /**
   * Changes one URL's entry; `undefined` deletes it. A grant for an answer that a newer 404 has overtaken changes nothing.
   *
   * @param grant grant of the request; its stored 404 is deleted
   */
  updateUrl(
    url: string,
    grant: string,
    change: (entry: CatalogUrl | undefined) => CatalogUrl | undefined,
  ): Promise<void> {
    return this.store.change(async (store) => {
      const key = `url:${url}`
      const refused = missingKey(url, grant)
      const next = change(await promisifyRequest<CatalogUrl | undefined>(store.get(key)))
      const missing = await promisifyRequest<CatalogMissing | undefined>(store.get(refused))
      const granted = next?.grants.includes(grant) ? next.info.fetchedAt : Infinity
      if (missing && isOvertaken(granted, missing.checkedAt)) return
      if (next === undefined) store.delete(key)
      else store.put(next, key)
      store.delete(refused)
    })
  }

  /** Stores a 404 of a URL; the partition loses its grant for the URL. */
  saveMissing(entry: CatalogMissing): Promise<void> {
    const { url, grant } = entry
    return this.store.change(async (store) => {
      const old = await promisifyRequest<CatalogUrl | undefined>(store.get(`url:${url}`))
      if (old?.grants.includes(grant) && isOvertaken(entry.checkedAt, old.info.fetchedAt)) return
      const next = withoutGrants(old, [grant])
      if (next !== undefined) store.put(next, `url:${url}`)
      else store.delete(`url:${url}`)
      store.put(entry, missingKey(url, grant))
      const all = keys('missing:')
      if ((await promisifyRequest(store.count(all))) <= missingLimit) return
      const kept = await promisifyRequest<CatalogMissing[]>(store.getAll(all))
      const oldest = kept.toSorted((a, b) => a.checkedAt - b.checkedAt).slice(0, missingExcess)
      for (const each of oldest) store.delete(missingKey(each.url, each.grant))
    })
  }

  /** Deletes URLs and 404s of all partitions. @returns number of deleted entries */
  forgetUrls(isGone: (url: string) => boolean): Promise<number> {
    return this.store.change(async (store) => {
      const kinds = ['url:', 'missing:'].map((kind) => promisifyRequest(store.getAll(keys(kind))))
      const [urls, missing] = (await Promise.all(kinds)) as [CatalogUrl[], CatalogMissing[]]
      const matching = [
        ...urls.map(({ url }) => ({ url, key: `url:${url}` })),
        ...missing.map(({ url, grant }) => ({ url, key: missingKey(url, grant) })),
      ].filter(({ url }) => isGone(url))
      for (const { key } of matching) store.delete(key)
      return matching.length
    })
  }

  /** The grants that an app uses. */
  async session(app: string): Promise<readonly string[]> {
    return (await get<readonly string[]>(`session:${app}`, this.store)) ?? []
  }

  /** Changes the grants that an app uses. A removed grant loses all URLs, branches, and 404s. */
  changeSession(
    app: string,
    change: (grants: readonly string[]) => readonly string[],
  ): Promise<void> {
    return this.store.change(async (store) => {
      const key = `session:${app}`
      const old = (await promisifyRequest<readonly string[] | undefined>(store.get(key))) ?? []
      const next = change(old)
      store.put(next, key)
      const removed = old.filter((grant) => !next.includes(grant))
      if (removed.length === 0) return
      for (const grant of removed) {
        store.delete(keys(missingKey('', grant)))
        store.delete(keys(`branch:${grant} `))
      }
      for (const entry of await promisifyRequest<CatalogUrl[]>(store.getAll(keys('url:')))) {
        const left = withoutGrants(entry, removed)
        if (left === undefined) store.delete(`url:${entry.url}`)
        else if (left.grants.length < entry.grants.length) store.put(left, `url:${entry.url}`)
      }
    })
  }

  /** Deletes all files, URLs, 404s and branches. The folders are registered as removed. */
  clear(now: number): Promise<void> {
    return this.store.change(async (store) => {
      const files = await promisifyRequest<CatalogFile[]>(store.getAll(keys('file:')))
      for (const kind of ['file:', 'url:', 'missing:', 'branch:', 'view:']) store.delete(keys(kind))
      for (const file of files) store.put(removedFolder(file, now), `gone:${file.name}`)
    })
  }

  /** Registers a folder without an owner, so that it is swept if its creator dies. */
  announce(name: string, now: number): Promise<void> {
    return this.store.change(
      async (store) => void store.put({ name, at: now } satisfies RemovedFolder, `gone:${name}`),
    )
  }

  /**
   * Forgets a file of which nothing was committed; what its URLs lead to stays known.
   *
   * @returns false for a pinned one, which stays
   */
  release(claim: CatalogFile): Promise<boolean> {
    return this.store.change(async (store) => {
      const key = `file:${claim.content}`
      const entry = newest(await promisifyRequest<CatalogFile | undefined>(store.get(key)), claim)
      if (entry.pinned) return false
      store.delete(key)
      store.put(removedFolder({ ...entry, givenAt: 0 }, 0), `gone:${entry.name}`)
      return true
    })
  }

  /** The folders of removed files that have not been deleted yet. */
  removed(): Promise<readonly RemovedFolder[]> {
    return this.store('readonly', (store) =>
      promisifyRequest<RemovedFolder[]>(store.getAll(keys('gone:'))),
    )
  }

  /** After a removed folder's bytes were deleted. */
  forget(name: string): Promise<void> {
    return this.store.change(async (store) => void store.delete(`gone:${name}`))
  }
}

/** An entry that was removed, alone or with all others, while its file is being written comes back. */
function newest(found: CatalogFile | undefined, claim: CatalogFile): CatalogFile {
  const entry = found ?? (claim.state === 'partial' ? claim : undefined)
  if (entry?.generation !== claim.generation || entry.name !== claim.name) {
    throw superseded(claim.content)
  }
  return entry
}

/** Maximum number of grants of one URL; the one with the oldest check is removed and must ask the hub again. */
const mostGrants = 16

/** An answer may overtake one that was asked for up to this time before it, milliseconds. */
const overtakeMs = 60_000

/** Whether a newer question was answered before; a longer difference means that the clock was set back. */
function isOvertaken(askedAt: number, newerAt: number): boolean {
  return askedAt < newerAt && newerAt - askedAt < overtakeMs
}

/**
 * A URL's entry after the hub has answered one partition. An answer that a newer one has overtaken changes nothing. With
 * the same content, earlier partitions keep their grant; with another content, they must be checked again.
 */
export function grantUrl(old: CatalogUrl | undefined, info: FileInfo, grant: string): CatalogUrl {
  if (old && old.info.content !== info.content && isOvertaken(info.fetchedAt, old.info.fetchedAt))
    return old
  const before = old?.info.content === info.content ? old.grants : []
  const others = before.filter((each) => each !== grant)
  return {
    url: info.url,
    info,
    checkedAt: info.fetchedAt,
    grants: [...others, grant].slice(-mostGrants),
  }
}

/**
 * Entries that mean the same file as a URL on most servers: another spelling with the same query, or the URL without
 * its query if the path names a file. Used offline, when there is nothing better.
 *
 * @returns the newest first
 */
export function similarUrls(
  urls: readonly CatalogUrl[],
  url: string,
  grant: string,
): readonly CatalogUrl[] {
  return urls
    .filter(
      ({ url: other, grants }) =>
        other !== url && isGranted(grants, grant) && isSimilarUrl(url, other),
    )
    .toSorted((a, b) => b.checkedAt - a.checkedAt)
}
