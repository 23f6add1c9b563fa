// Pure functions over a repository's commits: the start of a new one, its changes, the commit of a revision, and the
// last commit of a path.

import { HubRefusal } from '../refusals.ts'
import { pacer, sorted } from '../pacing.ts'
import { contains, inOrder } from './entries.ts'
import { checkRefName } from './repo-names.ts'
import type { Commit, FileEntry, NewCommit } from '../context.ts'

/** The commits of a repository, and their names. */
export interface History {
  /** By id, oldest first. */
  readonly commits: Map<string, Commit>
  /** Name to commit id; pull requests are branches with the name `refs/pr/1`. */
  readonly branches: Map<string, string>
  readonly tags: Map<string, string>
}

/** The branch of a new commit, and its parent; undefined: none yet. */
export function startOf(
  repo: History | undefined,
  change: NewCommit,
): { branch: string; base?: Commit } {
  const { branch, parent, start } = change
  if (repo === undefined && change.existing) throw repoNotFound()
  const head = repo?.commits.get(repo.branches.get(branch) ?? '')
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
 * @throws HubRefusal 400 when a path would be a file and a folder, 404 when a deleted path does not exist, 413 when too many folders are deleted
 */
export async function applied(
  files: Readonly<Record<string, FileEntry>>,
  changes: NewCommit['changes'],
): Promise<Record<string, FileEntry>> {
  const pause = pacer()
  const entries = new Map<string, FileEntry>()
  for (const path of Object.keys(files)) {
    if (pause.due()) await pause.now()
    entries.set(path, files[path]!)
  }
  let folders = 0
  for (const [path, entry] of changes) {
    if (pause.due()) await pause.now()
    if (entry !== null) {
      entries.set(path, entry)
      continue
    }
    const before = entries.size
    if (!path.endsWith('/')) entries.delete(path)
    else {
      // Each of them costs a pass over all files.
      if (++folders > MOST_FOLDERS) {
        throw new HubRefusal(413, `A commit may delete at most ${MOST_FOLDERS} folders.`)
      }
      for (const at of entries.keys()) {
        if (pause.due()) await pause.now()
        if (at.startsWith(path)) entries.delete(at)
      }
    }
    if (entries.size === before) {
      throw new HubRefusal(404, `A file with this name doesn't exist: ${path}`, 'EntryNotFound')
    }
  }
  await refuseFilesBelowFiles(entries, files, changes)
  // Without a prototype: a file may be called __proto__.
  const applied = Object.create(null) as Record<string, FileEntry>
  for (const [path, entry] of entries) {
    if (pause.due()) await pause.now()
    applied[path] = entry
  }
  return applied
}

/** Such a tree exists neither in git nor on a disk. */
async function refuseFilesBelowFiles(
  entries: ReadonlyMap<string, FileEntry>,
  before: Readonly<Record<string, FileEntry>>,
  changes: NewCommit['changes'],
): Promise<void> {
  const isNew = (path: string): boolean =>
    changes.get(path) !== undefined && !Object.hasOwn(before, path)
  const pause = pacer()
  let any = false
  for (const path of changes.keys()) {
    if (pause.due()) await pause.now()
    if (any) break
    any = entries.has(path) && isNew(path)
  }
  if (!any) return
  // With a slash at its end, a file comes directly before what is below it.
  const ordered = await sorted([...entries.keys()], (one, other) =>
    `${one}/` < `${other}/` ? -1 : 1,
  )
  for (const [at, path] of ordered.entries()) {
    if (pause.due()) await pause.now()
    const next = ordered[at + 1]
    if (next?.startsWith(`${path}/`) !== true || !(isNew(path) || isNew(next))) continue
    throw new HubRefusal(400, `${path} cannot be both a file and the folder of ${next}.`)
  }
}

/** The commit of a revision: its id, a branch, a tag, or the first digits of its id. */
export function commitOf(
  { commits, branches, tags }: History,
  revision: string,
): Commit | undefined {
  const tag = /^refs\/tags\/(.+)$/.exec(revision)?.[1]
  const named = tag === undefined ? (branches.get(revision) ?? tags.get(revision)) : tags.get(tag)
  const found = commits.get(revision) ?? commits.get(named ?? '')
  if (found !== undefined || !/^[0-9a-f]{7,39}$/.test(revision)) return found
  const similar = [...commits.values()].filter(({ oid }) => oid.startsWith(revision))
  return similar.length === 1 ? similar[0] : undefined
}

/** Ids of the commits that no branch and no tag reaches. */
export function unreachable({ commits, branches, tags }: History): string[] {
  const kept = new Set<string>()
  for (const oid of [...branches.values(), ...tags.values()]) {
    for (let at = commits.get(oid); at !== undefined && !kept.has(at.oid);) {
      kept.add(at.oid)
      at = commits.get(at.parent ?? '')
    }
  }
  return [...commits.keys()].filter((oid) => !kept.has(oid))
}

/** The ordered paths that a commit changes, per commit. Folders are not in it: a path may be in many. */
const changes = new WeakMap<Commit, Promise<readonly string[]>>()

/**
 * The last commit of each of the given files and folders of a revision.
 *
 * @param history the revision and those before it, newest first
 * @param paths without a slash at the end; an unknown one gets no commit
 */
export async function lastChangesOf(
  history: readonly Commit[],
  paths: readonly string[],
): Promise<ReadonlyMap<string, Commit>> {
  const pause = pacer(8)
  const last = new Map<string, Commit>()
  const open = new Set(paths)
  for (const [at, commit] of history.entries()) {
    if (open.size === 0) break
    if (pause.due()) await pause.now()
    const changed = await changesOf(commit, history[at + 1])
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

function changesOf(commit: Commit, before: Commit | undefined): Promise<readonly string[]> {
  const known = changes.get(commit)
  if (known !== undefined) return known
  const finding = findChanges(commit.files, before?.files ?? {})
  changes.set(commit, finding)
  return finding
}

async function findChanges(
  files: Commit['files'],
  before: Commit['files'],
): Promise<readonly string[]> {
  const pause = pacer()
  const changed: string[] = []
  for (const path of Object.keys(files)) {
    if (pause.due()) await pause.now()
    if (!Object.hasOwn(before, path) || before[path]!.oid !== files[path]!.oid) changed.push(path)
  }
  for (const path of Object.keys(before)) {
    if (pause.due()) await pause.now()
    if (!Object.hasOwn(files, path)) changed.push(path)
  }
  return inOrder(changed)
}

/** The file at a path of a commit. Own properties only: a file may have the name `constructor`. */
export function entryAt(commit: Commit, path: string): FileEntry | undefined {
  return Object.hasOwn(commit.files, path) ? commit.files[path] : undefined
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
