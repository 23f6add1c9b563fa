// The catalog, as far as finished files are answered from it: a service worker contains all of this at its start.
// Catalog adds the write operations.
import { type Database, openDatabase } from '../platform/index.ts'
import { publicGrant } from '../address/index.ts'
import { BranchReader, keys } from './branches.ts'
import { get, getMany, promisifyRequest } from 'idb-keyval'
import type {
  CatalogAnswers,
  CatalogFile,
  CatalogMissing,
  CatalogStretch,
  CatalogUrl,
  KnownPath,
} from './store.ts'

/** A folder whose file was removed. Its bytes stay while an answer may read them. */
export interface RemovedFolder {
  readonly name: string
  /** The file that it held; absent: none yet, or the entry is of an earlier release. */
  readonly content?: string
  /** Epoch milliseconds when the file was last returned as a `File`; 0: never. */
  readonly at: number
}

export function removedFolder({ name, content, givenAt }: CatalogFile, now: number): RemovedFolder {
  return { name, content, at: givenAt ?? now }
}

/**
 * The catalog of the device, shared by all realms: keys `file:<content>`, `url:<url>`, `gone:<folder>`,
 * `missing:<grant> <url>`, `session:<app>`, and those of {@link BranchReader}. Related entries change in one transaction,
 * so that a crash leaves no partial change.
 */
export class CatalogReader {
  protected readonly store: Database
  readonly branches: BranchReader

  /** @param root first part of the database's name */
  constructor(root: string) {
    this.store = openDatabase(`${root}-catalog`, 'catalog')
    this.branches = new BranchReader(this.store)
  }

  file(content: string): Promise<CatalogFile | undefined> {
    return get<CatalogFile>(`file:${content}`, this.store)
  }

  /** What is stored about a URL, from one transaction: its content, and its 404 for one partition. */
  async answers(url: string, grant: string): Promise<CatalogAnswers> {
    const [known, missing] = await getMany<CatalogUrl & CatalogMissing>(
      [`url:${url}`, missingKey(url, grant)],
      this.store,
    )
    return { known, missing }
  }

  /** @param grant grant whose missing files are included */
  async stretch(prefix: string, grant: string): Promise<CatalogStretch> {
    return this.store('readonly', async (store) => {
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
   * Changes one file's entry; `undefined` deletes it. A folder without an owner is registered as removed, and with a file
   * its URLs are deleted.
   *
   * @param now epoch milliseconds
   * @param change must be synchronous; its errors abort the transaction
   */
  updateFile<T extends CatalogFile | undefined>(
    content: string,
    now: number,
    change: (entry: CatalogFile | undefined) => T,
  ): Promise<T> {
    return this.store.change(async (store) => {
      const old = await promisifyRequest<CatalogFile | undefined>(store.get(`file:${content}`))
      const next = change(old)
      if (old !== undefined && old.name !== next?.name) {
        store.put(removedFolder(old, now), `gone:${old.name}`)
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
}

export function missingKey(url: string, grant: string): string {
  return `missing:${grant} ${url}`
}

export function isGranted(grants: readonly string[], grant: string): boolean {
  return grants.some((one) => one === publicGrant || one === grant)
}

/**
 * The stored knowledge about the paths below a URL prefix, for one principal. If a path has both a file and a 404,
 * the newer one counts.
 */
export function knownPaths(
  { urls, missing, states }: CatalogStretch,
  prefix: string,
  grant: string,
): readonly KnownPath[] {
  const said = [
    ...urls
      .filter(({ grants }) => isGranted(grants, grant))
      .map(({ url, info, checkedAt }) => {
        const state = states.get(info.content)
        return { url, checkedAt, state: state ?? 'info' } as const
      }),
    ...missing.map(({ url, checkedAt }) => ({ url, checkedAt, state: 'none' }) as const),
  ]
  const newestLast = said.toSorted((a, b) => a.checkedAt - b.checkedAt)
  const paths = newestLast.map(({ url, state }) => [url.slice(prefix.length), state] as const)
  return [...new Map(paths)].map(([path, state]) => ({ path, state }))
}
