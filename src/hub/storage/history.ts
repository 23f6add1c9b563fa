// Pure functions over a repository's commits: the start of a new one, its changes, the commit of a revision, and the
// last commit of a path.

import { HubRefusal } from '../refusals.ts'
import { pacer } from '../pacing.ts'
import { below, contains, pathsOf } from './entries.ts'
import { checkRefName } from './repo-names.ts'
import type { Commit, FileEntry, NewCommit } from '../context.ts'
import type { Changes, CommitHead, Files } from './commit-file.ts'

/** The commits of a repository, and their names. */
export interface History {
  /** By id, oldest first. */
  readonly commits: Map<string, CommitHead>
  /** Name to commit id; pull requests are branches with the name `refs/pr/1`. */
  readonly branches: Map<string, string>
  readonly tags: Map<string, string>
  /** Ids of commits whose stored text cannot be read. Default: none. */
  readonly damaged?: ReadonlySet<string>
}

/**
 * The newest commit of a branch.
 *
 * @throws HubRefusal 500 when it is damaged
 */
export function headOf(repo: History, branch: string): CommitHead | undefined {
  return intact(repo, repo.branches.get(branch) ?? '')
}

function intact({ commits, damaged }: History, oid: string): CommitHead | undefined {
  if (damaged?.has(oid) === true) throw commitDamaged(oid)
  return commits.get(oid)
}

/** The branch of a new commit, and its parent; undefined: none yet. */
export function startOf(
  repo: History | undefined,
  change: NewCommit,
): { branch: string; base?: CommitHead } {
  const { branch, parent, start } = change
  if (repo === undefined && change.existing) throw repoNotFound()
  const head = repo && headOf(repo, branch)
  if (start === 'pull-request') {
    const base = repo && commitOf(repo, parent ?? branch)
    if (base === undefined) throw revisionNotFound(parent ?? branch)
    const numbers = [...repo!.branches.keys()].map((name) =>
      Number(/^refs\/pr\/(\d+)$/.exec(name)?.[1] ?? 0),
    )
    return { branch: `refs/pr/${Math.max(0, ...numbers) + 1}`, base }
  }
  if (start === 'branch' && repo !== undefined && head === undefined) {
    const base = commitOf(repo, parent ?? 'main')
    if (base === undefined && parent !== undefined) throw revisionNotFound(parent)
    const taken = [...repo.branches.keys()].find((name) => isSameName(name, branch))
    if (taken !== undefined) throw new HubRefusal(409, `The branch ${taken} exists already.`)
    return { branch: checkRefName(branch), ...(base && { base }) }
  }
  // Clients may name the parent by its first digits.
  if (parent !== undefined && (parent.length < 7 || head?.oid.startsWith(parent) !== true)) {
    throw new HubRefusal(412, 'A commit has happened since. Please refresh and try again.')
  }
  // Only the first commit of a repository may come without its branch.
  if (head === undefined && (repo !== undefined || branch !== 'main')) {
    throw revisionNotFound(branch)
  }
  return { branch, ...(head && { base: head }) }
}

const MOST_FOLDERS = 1000

/**
 * The files after changes, applied in order.
 *
 * @param base the files before
 * @param asked as in {@link NewCommit}
 * @returns also what is set and deleted in the end
 * @throws HubRefusal 400 when a path would be a file and a folder, 404 when a deleted path does not exist, 413 when too many
 *   folders are deleted
 */
export async function applied(
  base: Files,
  asked: NewCommit['changes'],
): Promise<{ readonly files: Files; readonly changes: Changes }> {
  const pause = pacer()
  const ordered = await pathsOf(base)
  const files = new Map<string, FileEntry>()
  const changes = new Map<string, FileEntry | null>()
  for (const [path, entry] of base) {
    if (pause.due()) await pause.now()
    files.set(path, entry)
  }
  const remove = (path: string): boolean => {
    if (!files.delete(path)) return false
    if (base.has(path)) changes.set(path, null)
    else changes.delete(path)
    return true
  }
  let folders = 0
  for (const [path, entry] of asked) {
    if (pause.due()) await pause.now()
    if (entry !== null) {
      files.set(path, entry)
      changes.set(path, entry)
      continue
    }
    let found = false
    if (!path.endsWith('/')) found = remove(path)
    else {
      // Each of them costs a pass over all changes.
      if (++folders > MOST_FOLDERS) {
        throw new HubRefusal(413, `A commit may delete at most ${MOST_FOLDERS} folders.`)
      }
      for (const paths of [below(ordered, path), changes.keys()]) {
        for (const at of paths) {
          if (pause.due()) await pause.now()
          if (at.startsWith(path) && remove(at)) found = true
        }
      }
    }
    if (!found) {
      throw new HubRefusal(404, `A file with this name doesn't exist: ${path}`, 'EntryNotFound')
    }
  }
  await refuseFilesBelowFiles(files, { base, ordered, changes })
  return { files, changes }
}

/** Such a tree exists neither in git nor on a disk. */
async function refuseFilesBelowFiles(
  files: Files,
  before: { readonly base: Files; readonly ordered: readonly string[]; readonly changes: Changes },
): Promise<void> {
  const { base, ordered, changes } = before
  const pause = pacer(8)
  const checked = new Set<string>()
  for (const [path, entry] of changes) {
    if (pause.due()) await pause.now()
    if (entry === null || base.has(path)) continue
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end)
      if (files.has(folder)) throw fileAndFolder(folder, path)
      if (checked.has(folder)) break
      checked.add(folder)
    }
    for (const inner of below(ordered, `${path}/`)) {
      if (pause.due()) await pause.now()
      if (files.has(inner)) throw fileAndFolder(path, inner)
    }
  }
}

function fileAndFolder(path: string, inner: string): HubRefusal {
  return new HubRefusal(400, `${path} cannot be both a file and the folder of ${inner}.`)
}

/**
 * The commit of a revision: its id, a branch, a tag, or the first digits of its id.
 *
 * @throws HubRefusal 500 when it is damaged
 */
export function commitOf(repo: History, revision: string): CommitHead | undefined {
  const { commits, branches, tags } = repo
  const tag = /^refs\/tags\/(.+)$/.exec(revision)?.[1]
  const named = tag === undefined ? (branches.get(revision) ?? tags.get(revision)) : tags.get(tag)
  const found = intact(repo, revision) ?? intact(repo, named ?? '')
  if (found !== undefined || !/^[0-9a-f]{7,39}$/.test(revision)) return found
  const similar = [...commits.values()].filter(({ oid }) => oid.startsWith(revision))
  return similar.length === 1 ? similar[0] : undefined
}

/** Ids of the commits that no branch and no tag reaches; none when a damaged one may lead to any. */
export function unreachable({ commits, branches, tags, damaged }: History): string[] {
  if (damaged !== undefined && damaged.size > 0) return []
  const kept = new Set<string>()
  for (const oid of [...branches.values(), ...tags.values()]) {
    for (let at = commits.get(oid); at !== undefined && !kept.has(at.oid);) {
      kept.add(at.oid)
      at = commits.get(at.parent ?? '')
    }
  }
  return [...commits.keys()].filter((oid) => !kept.has(oid))
}

/**
 * The last commit of each of the given files and folders of a revision.
 *
 * @param history the revision and those before it, newest first
 * @param paths without a slash at the end; an unknown one gets no commit
 * @param changedPaths of a commit, ordered
 */
export async function lastChangesOf(
  history: readonly Commit[],
  paths: readonly string[],
  changedPaths: (commit: Commit) => Promise<readonly string[]>,
): Promise<ReadonlyMap<string, Commit>> {
  const pause = pacer(8)
  const last = new Map<string, Commit>()
  const open = new Set(paths)
  for (const commit of history) {
    if (open.size === 0) break
    if (pause.due()) await pause.now()
    const changed = await changedPaths(commit)
    const found = (path: string): void => void (open.delete(path) && last.set(path, commit))
    if (changed.length < open.size) {
      for (const path of changed) {
        if (pause.due()) await pause.now()
        for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
          found(path.slice(0, end))
        }
      }
      continue
    }
    for (const path of open) {
      if (pause.due()) await pause.now()
      if (contains(changed, path)) found(path)
    }
  }
  return last
}

export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

export function repoNotFound(): HubRefusal {
  return new HubRefusal(404, 'Repository not found', 'RepoNotFound')
}

export function revisionNotFound(revision: string): HubRefusal {
  return new HubRefusal(404, `Invalid rev id: ${revision}`, 'RevisionNotFound')
}

/** Not 404: clients would conclude that the file or the revision never existed. */
export function commitDamaged(oid: string): HubRefusal {
  return new HubRefusal(
    500,
    `The stored commit ${oid} is damaged. Restore its file from a backup, or let the branch begin at an earlier commit.`,
  )
}
