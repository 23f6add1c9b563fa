// Finds the files of a revision from stored commits: the nearest one that holds all files, and the changes after it.
// Recently used revisions are kept in memory. Called by repos.ts.

import { pacer } from '../pacing.ts'
import {
  readLists,
  type Changes,
  type CommitHead,
  type CommitLists,
  type Files,
} from './commit-file.ts'
import { inOrder, layered } from './entries.ts'
import { HubRefusal } from '../refusals.ts'
import { commitDamaged, revisionNotFound, type History } from './history.ts'
import type { FileEntry } from '../context.ts'

const MOST_KEPT = 300_000
/** Finding a file costs about as much work as replaying this many changes. */
const COMMIT_WORK = 100
/** So that a repository of few files does not repeat them in each commit. */
const LEAST_REPLAY = 2000

/**
 * Whether a new commit stores all files, or only its changes: reading a revision takes at most about twice as long as
 * reading all its files.
 *
 * @param parent undefined: the changes of a first commit are all its files
 * @param changed number of changed paths
 * @param files number of files of the new revision
 * @returns for the head of the commit
 */
export function replayOf(
  parent: CommitHead | undefined,
  changed: number,
  files: number,
): { readonly replay: number; readonly whole: boolean } {
  if (parent === undefined) return { replay: 0, whole: false }
  const replay = (parent.replay ?? 0) + COMMIT_WORK + changed
  return replay > LEAST_REPLAY + files ? { replay: 0, whole: true } : { replay, whole: false }
}

/** Reads the revisions of repositories. */
export interface Revisions<Repo extends History> {
  /** @throws HubRefusal 404 when the commit was deleted meanwhile */
  files(repo: Repo, commit: CommitHead): Promise<Files>
  /** Keeps the files of a commit that was just made. */
  made(oid: string, files: Files): void
  /** The ordered paths that a commit changes. Folders are not in it: a path may be in many. */
  changedPaths(repo: Repo, commit: CommitHead): Promise<readonly string[]>
  /**
   * What each commit sets, so that all files of all revisions are in it. Files of older folders come with each commit.
   *
   * @param except ids of commits that are left out
   */
  contents(
    repo: Repo,
    except: ReadonlySet<string>,
  ): AsyncGenerator<{ readonly commit: CommitHead; readonly entries: Changes }, void>
}

interface Options<Repo> {
  readonly most?: number
  readonly onDamage?: (repo: Repo, oid: string) => void
}

/**
 * Makes the reader of a hub's revisions.
 *
 * @param read the text of a stored commit; undefined: it was deleted
 * @param options `most`: files and changed paths that are kept in memory, of all repositories together; `onDamage`: called
 *   when a commit cannot be read, each time
 */
export function createRevisions<Repo extends History>(
  read: (repo: Repo, oid: string) => Promise<string | undefined>,
  { most = MOST_KEPT, onDamage = () => undefined }: Options<Repo> = {},
): Revisions<Repo> {
  const known = createCache<Files>(most, (files) => files.size)
  const changed = createCache<readonly string[]>(most, (paths) => paths.length)
  const listsOf = async (repo: Repo, { oid }: CommitHead): Promise<CommitLists> => {
    const text = await read(repo, oid)
    if (text === undefined) throw revisionNotFound(oid)
    return await readLists(text).catch((error: unknown) => {
      if (!(error instanceof SyntaxError)) throw error
      onDamage(repo, oid)
      throw commitDamaged(oid)
    })
  }
  const whole = async (repo: Repo, commit: CommitHead): Promise<Files> => {
    const { files: all, changes } = await listsOf(repo, commit)
    if (all !== undefined) return all
    const pause = pacer()
    const made = new Map<string, FileEntry>()
    for (const [path, entry] of changes ?? []) {
      if (pause.due()) await pause.now()
      if (entry !== null) made.set(path, entry)
    }
    return made
  }
  /** Concurrent requests share the files of the commit from which theirs are replayed. */
  const replay = async (repo: Repo, commit: CommitHead): Promise<Files> => {
    const steps: CommitHead[] = []
    let from: Promise<Files> | undefined
    for (let at = commit; from === undefined;) {
      if (isWhole(at)) return await whole(repo, at)
      steps.unshift(at)
      const parent = repo.commits.get(at.parent ?? '')
      if (parent === undefined) {
        throw repo.damaged?.has(at.parent ?? '') === true
          ? commitDamaged(at.parent!)
          : revisionNotFound(commit.oid)
      }
      from = isWhole(parent) ? files(repo, parent) : known.held(parent.oid)
      at = parent
    }
    const base = await from
    const pause = pacer()
    const changes = new Map<string, FileEntry | null>()
    for (const step of steps) {
      for (const [path, entry] of (await listsOf(repo, step)).changes ?? []) {
        if (pause.due()) await pause.now()
        changes.set(path, entry)
      }
    }
    return await layered(base, changes)
  }
  const files = (repo: Repo, commit: CommitHead): Promise<Files> =>
    known.get(commit.oid, () => replay(repo, commit))

  return {
    files,
    made: (oid, made) => void known.get(oid, () => Promise.resolve(made)),
    changedPaths: (repo, commit) =>
      changed.get(commit.oid, async () => {
        const { changes } = await listsOf(repo, commit)
        if (changes !== undefined) return inOrder([...changes.keys()])
        const parent = repo.commits.get(commit.parent ?? '')
        return inOrder(
          await findChanges(await files(repo, commit), parent && (await files(repo, parent))),
        )
      }),
    async *contents(repo, except) {
      for (const commit of repo.commits.values()) {
        if (except.has(commit.oid)) continue
        // What is deleted or damaged is left out: other content must not become invisible with it.
        const lists = await listsOf(repo, commit).catch((error: unknown) => {
          if (error instanceof HubRefusal) return undefined
          throw error
        })
        if (lists !== undefined) yield { commit, entries: lists.changes ?? lists.files! }
      }
    },
  }
}

/** Whether all files of the revision are in the commit. */
function isWhole({ replay = 0 }: CommitHead): boolean {
  return replay === 0
}

async function findChanges(files: Files, before: Files = new Map()): Promise<string[]> {
  const pause = pacer()
  const changed: string[] = []
  for (const [path, { oid }] of files) {
    if (pause.due()) await pause.now()
    if (before.get(path)?.oid !== oid) changed.push(path)
  }
  for (const path of before.keys()) {
    if (pause.due()) await pause.now()
    if (!files.has(path)) changed.push(path)
  }
  return changed
}

interface Cache<Value> {
  get(key: string, make: () => Promise<Value>): Promise<Value>
  /** The kept value, or the one that is being made. */
  held(key: string): Promise<Value> | undefined
}

/** Keeps the most recently used values. Concurrent callers wait for the same one. */
function createCache<Value>(most: number, sizeOf: (value: Value) => number): Cache<Value> {
  const slots = new Map<string, { readonly made: Promise<Value>; size: number }>()
  let sum = 0
  const held: Cache<Value>['held'] = (key) => {
    const slot = slots.get(key)
    if (slot === undefined) return undefined
    slots.delete(key)
    slots.set(key, slot)
    return slot.made
  }
  return {
    held,
    async get(key, make) {
      const known = held(key)
      if (known !== undefined) return await known
      const slot = { made: make(), size: 0 }
      slots.set(key, slot)
      try {
        const value = await slot.made
        if (slots.get(key) !== slot) return value
        slot.size = sizeOf(value)
        sum += slot.size
        for (const [oldest, { size }] of slots) {
          if (sum <= most || oldest === key) break
          slots.delete(oldest)
          sum -= size
        }
        return value
      } catch (error) {
        if (slots.get(key) === slot) slots.delete(key)
        throw error
      }
    },
  }
}
