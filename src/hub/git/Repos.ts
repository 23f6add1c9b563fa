import type { Commit } from './Commit.ts'
import type { FileEntry } from './FileEntry.ts'
import type { RepoId } from './RepoId.ts'

/** The repositories of a hub. */
export interface Repos {
  exists(repo: RepoId): Promise<boolean>
  /** Makes an empty repository; nothing happens when it is there. */
  create(repo: RepoId): Promise<void>
  /** The commit a branch or a 40-hex id stands for. */
  find(repo: RepoId, revision: string): Promise<Commit | undefined>
  /** Whether any commit of a repository, however old, holds a file. */
  holds(repo: RepoId, xetHash: string): Promise<boolean>
  /** Xet hashes of everything in the newest commits of a repository, newest first. */
  newest(repo: RepoId): Promise<readonly string[]>
  /**
   * Adds a commit to a branch; branches that do not exist begin with it.
   *
   * @param changes by path: entries to set, null to delete
   * @param parent the commit the client built upon, when it said so
   * @throws HubRefusal 412 when the branch has moved on from `parent`
   */
  commit(
    repo: RepoId,
    branch: string,
    title: string,
    changes: ReadonlyMap<string, FileEntry | null>,
    parent?: string,
  ): Promise<Commit>
}
