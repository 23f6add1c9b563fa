// Which commit each page sees of a branch, kept in the catalog.
import { publicGrant } from '../address/index.ts'
import type { Database } from '../platform/index.ts'
import { promisifyRequest } from 'idb-keyval'

/** The commit that a page sees of a branch, from its first request to its end. */
interface View {
  readonly client: string
  readonly base: string
  readonly commit: string
  /** Epoch milliseconds. */
  readonly takenAt: number
}

/** Maximum number of stored commits of a branch. */
const commitLimit = 4

/** Maximum number of stored partitions of one branch, like for a URL: each rotated token adds one. */
const grantLimit = 16

/** Maximum number of stored views: the end of a page is not reported. */
const viewLimit = 200
const viewMs = 7 * 24 * 60 * 60_000

/**
 * The commits of branches, and which of them each page sees. Part of the catalog: keys `branch:<grant> <base>`,
 * `view:<client> <base>`.
 */
export class BranchReader {
  protected readonly store: Database

  /** @param store that of the catalog */
  constructor(store: Database) {
    this.store = store
  }

  /**
   * The stored commits of a branch, one entry per partition, and the one that a page sees; undefined: it has not asked
   * yet. Both come from one transaction.
   */
  async read(
    base: string,
    client: string | undefined,
  ): Promise<{ readonly seen: string | undefined; readonly stored: readonly CatalogBranch[] }> {
    const [view, all] = await this.store('readonly', (store) =>
      Promise.all([
        client === undefined
          ? undefined
          : promisifyRequest<View | undefined>(store.get(viewKey({ client, base }))),
        promisifyRequest<CatalogBranch[]>(store.getAll(keys('branch:'))),
      ]),
    )
    return { seen: view?.commit, stored: all.filter((branch) => branch.base === base) }
  }

  /**
   * Fixes the commit of a branch that a page sees. An existing one stays.
   *
   * @param lost a commit to replace, because the hub no longer knows it
   * @returns the commit that it sees
   */
  async look(view: View, lost?: string): Promise<string> {
    return await this.store.change(async (store) => {
      const key = viewKey(view)
      const all = await promisifyRequest<View[]>(store.getAll(keys('view:')))
      const old = all.find((one) => viewKey(one) === key)?.commit
      if (old !== undefined && old !== lost) return old
      store.put(view, key)
      const others = all.filter((one) => viewKey(one) !== key)
      const newest = others.toSorted((a, b) => b.takenAt - a.takenAt)
      for (const [index, one] of newest.entries())
        if (index >= viewLimit - 1 || view.takenAt - one.takenAt > viewMs)
          store.delete(viewKey(one))
      return view.commit
    })
  }
}

/** The write operations: a service worker needs none of them. */
export class Branches extends BranchReader {
  /** The stored commits of all branches, one entry per branch and partition. */
  async entries(): Promise<readonly CatalogBranch[]> {
    return await this.store('readonly', (store) =>
      promisifyRequest<CatalogBranch[]>(store.getAll(keys('branch:'))),
    )
  }

  /**
   * Makes a commit the branch's newest one, for one partition.
   *
   * @param now epoch milliseconds
   */
  async confirm(base: string, grant: string, commit: string, now: number): Promise<void> {
    await this.store.change(async (store) => {
      const all = await promisifyRequest<CatalogBranch[]>(store.getAll(keys('branch:')))
      const here = all.filter((one) => one.base === base)
      const old = here.find((one) => one.grant === grant)
      const before = old?.commits.filter((one) => one !== commit) ?? []
      const commits = [commit, ...before].slice(0, commitLimit)
      const entry: CatalogBranch = { base, grant, commits, checkedAt: now }
      store.put(entry, branchKey(entry))
      const others = here.filter((one) => one !== old && one.grant !== publicGrant)
      const newest = others.toSorted((a, b) => b.checkedAt - a.checkedAt)
      for (const one of newest.slice(grantLimit - 1)) store.delete(branchKey(one))
    })
  }

  /** Deletes the entry of a partition. */
  async drop(base: string, grant: string): Promise<void> {
    await this.store.change(async (store) => void store.delete(branchKey({ base, grant })))
  }
}

export function keys(prefix: string): IDBKeyRange {
  return IDBKeyRange.bound(prefix, `${prefix}\uffff`)
}

function branchKey({ base, grant }: Pick<CatalogBranch, 'base' | 'grant'>): string {
  return `branch:${grant} ${base}`
}

function viewKey({ client, base }: Pick<View, 'client' | 'base'>): string {
  return `view:${client} ${base}`
}

/** The commits of a branch, as the hub reported them to one partition. */
export interface CatalogBranch {
  /** URL of the branch's files up to the revision. */
  readonly base: string
  readonly grant: string
  /** 40 hex each, the newest first. */
  readonly commits: readonly string[]
  /** Epoch milliseconds when the hub last confirmed the first one. */
  readonly checkedAt: number
}
