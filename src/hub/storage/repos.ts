// The repositories in a folder: branches, tags and the heads of commits, loaded into memory when a repository is first
// used. The files of its revisions are loaded when they are.

import { HubRefusal } from '../refusals.ts'
import { readHead, writeCommit } from './commit-file.ts'
import {
  applied,
  commitOf,
  headOf,
  isSameName,
  repoNotFound,
  revisionNotFound,
  startOf,
  unreachable,
} from './history.ts'
import { namesIn, openCatalogue } from './repo-catalogue.ts'
import { canonicalKey, repoKey } from './repo-names.ts'
import { createRevisions, replayOf } from './revisions.ts'
import { createHash, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Clock } from '../../core/index.ts'
import type { Commit, RefKind, RepoAccess, Repos } from '../context.ts'
import type { RepoId } from '../hub.ts'
import type { Changes, CommitHead, Files } from './commit-file.ts'
import type { Folder } from './folder.ts'
import type { History } from './history.ts'

interface Repo extends History {
  /** Stored spelling. */
  readonly id: RepoId
  readonly created: string
  /** Differs from those of all other repositories; one of an older version has its date instead. */
  readonly generation: string
  readonly sdk?: string
}

/**
 * Opens the repositories in a folder. A commit is written before the branch that points to it, so a process
 * killed in between has committed nothing.
 *
 * @param folder the hub's folder
 * @param clock for the dates of commits
 * @param note receives a message for every damaged commit
 */
export function openRepos(
  folder: Folder,
  clock: Clock,
  note: (message: string) => void = () => undefined,
): Repos {
  const opened = new Map<string, Promise<Repo>>()
  const busy = new Map<string, Promise<unknown>>()
  const { place, parts, ...catalogue } = openCatalogue(folder)
  const now = (): string => new Date(clock.now()).toISOString()
  const noted = new Set<string>()
  const onDamage = ({ id }: { readonly id: RepoId }, oid: string): void => {
    if (noted.has(oid)) return
    noted.add(oid)
    note(
      `The commit ${place(id, 'commits', `${oid}.json`)} of ${repoKey(id)} is damaged. Restore it from a backup; until then revisions that need it are refused.`,
    )
  }
  const revisions = createRevisions<Repo>(
    (repo, oid) => folder.read(place(repo.id, 'commits', `${oid}.json`)),
    { onDamage },
  )

  const load = async (id: RepoId): Promise<Repo> => {
    const record = JSON.parse((await folder.read(place(id, 'repo.json')))!) as Partial<Repo>
    const listed: CommitHead[] = []
    const damaged = new Set<string>()
    const readOne = async (name: string): Promise<void> => {
      try {
        listed.push(await readHead(place(id, 'commits', name)))
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
        const oid = name.slice(0, -SUFFIX.length)
        damaged.add(oid)
        onDamage({ id }, oid)
      }
    }
    const stored = await namesIn(place(id, 'commits'))
    for (let at = 0; at < stored.length; at += AT_ONCE) {
      await Promise.all(stored.slice(at, at + AT_ONCE).map(readOne))
    }
    listed.sort((a, b) => a.date.localeCompare(b.date))
    const { created = listed[0]?.date ?? now(), sdk } = record
    const repo = { ...emptyRepo(id, created, record.generation ?? created, sdk), damaged }
    for (const commit of listed) repo.commits.set(commit.oid, commit)
    for (const kind of ['branches', 'tags'] as const) {
      for (const name of await namesIn(place(id, kind))) {
        const text = (await folder.read(place(id, kind, name)))!
        repo[kind].set(decodeURIComponent(name), text.split('\n', 1)[0]!.trim())
      }
    }
    if (repo.branches.size === 0) await append(repo, 'main', firstCommit(created), nothing)
    return repo
  }
  const get = async (repo: RepoId): Promise<Repo | undefined> => {
    const stored = await catalogue.locate(repo)
    if (stored === undefined) return undefined
    const key = repoKey(stored)
    const held = opened.get(key)
    if (held !== undefined) return await held
    const opening = load(stored)
    opened.set(key, opening)
    opening.catch(() => opened.delete(key))
    return await opening
  }
  const need = async (repo: RepoId): Promise<Repo> => {
    const found = await get(repo)
    if (found === undefined) throw repoNotFound()
    return found
  }
  /** One change at a time in each repository. */
  const alone = async <Value>(repo: RepoId, change: () => Promise<Value>): Promise<Value> => {
    const key = canonicalKey(repo)
    const turn = (busy.get(key) ?? Promise.resolve()).then(change, change)
    busy.set(key, turn)
    try {
      return await turn
    } finally {
      if (busy.get(key) === turn) busy.delete(key)
    }
  }
  /** Creates a repository without a commit. */
  const create = async (
    id: RepoId,
    { sdk, ...access }: RepoAccess & { readonly sdk?: string },
  ): Promise<Repo> => {
    // Removes the rest of an interrupted deletion, which must not reappear under a new owner.
    await folder.discard(...parts(id))
    const created = now()
    const generation = randomUUID()
    const record = { ...id, created, generation, ...(sdk !== undefined && { sdk }), ...access }
    await folder.write(place(id, 'repo.json'), JSON.stringify(record))
    const repo = emptyRepo(id, created, generation, sdk)
    opened.set(repoKey(id), Promise.resolve(repo))
    await catalogue.add(id)
    return repo
  }
  const forget = async (repo: RepoId): Promise<void> => {
    opened.delete(repoKey(repo))
    await catalogue.forget(repo)
  }
  const point = async (
    repo: Repo,
    kind: RefKind,
    name: string,
    oid: string,
    message = '',
  ): Promise<void> => {
    await folder.write(place(repo.id, kind, encodeURIComponent(name)), `${oid}\n${message}`)
    repo[kind].set(name, oid)
  }
  /** Adds a commit. `changes` lead from the files of its parent to `files`. */
  const append = async (
    repo: Repo,
    branch: string,
    content: Omit<Commit, 'oid'>,
    { files, changes }: { readonly files: Files; readonly changes: Changes },
  ): Promise<Commit> => {
    const oid = createHash('sha1')
      .update(randomUUID())
      .update(content.parent ?? '')
      .digest('hex')
    const parent = repo.commits.get(content.parent ?? '')
    const { replay, whole } = replayOf(parent, changes.size, files.size)
    const commit: CommitHead = { oid, ...content, replay }
    const path = place(repo.id, 'commits', `${oid}.json`)
    await folder.write(path, writeCommit(commit, { changes, ...(whole && { files }) }))
    try {
      await point(repo, 'branches', branch, oid)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
    repo.commits.set(oid, commit)
    revisions.made(oid, files)
    return commit
  }

  return {
    exists: async (repo) => (await catalogue.locate(repo)) !== undefined,
    generation: async (repo) => (await get(repo))?.generation,
    create: (repo, record, prepare) =>
      alone(repo, async () => {
        if ((await get(repo)) !== undefined) return false
        prepare?.()
        const made = await create(repo, record)
        await append(made, 'main', firstCommit(made.created), nothing)
        return true
      }),
    list: () => catalogue.list(),
    async describe(repo) {
      const { id, created, sdk, commits, branches } = await need(repo)
      const newest = commits.get(branches.get('main') ?? '')
      return { id, created, ...(sdk !== undefined && { sdk }), ...(newest && { newest }) }
    },
    async access(repo) {
      const stored = await catalogue.locate(repo)
      const text = stored && (await folder.read(place(stored, 'repo.json')))
      return text === undefined ? open : accessOf(text)
    },
    setAccess: (repo, change, done) =>
      alone(repo, async () => {
        const { id } = await need(repo)
        const path = place(id, 'repo.json')
        const text = (await folder.read(path))!
        const access = { ...accessOf(text), ...change }
        await folder.write(path, JSON.stringify({ ...JSON.parse(text), ...access }))
        done(access)
      }),
    remove: (repo) =>
      alone(repo, async () => {
        const { id } = await need(repo)
        await folder.discard(...parts(id))
        await forget(id)
      }),
    async move(from, to, access, prepare) {
      const taken = new HubRefusal(409, `There is a repository ${repoKey(to)} already.`)
      if (canonicalKey(from) === canonicalKey(to)) throw taken
      // In one order, so that two moves cannot wait for each other.
      const [first, second] = canonicalKey(from) < canonicalKey(to) ? [from, to] : [to, from]
      await alone(first, () =>
        alone(second, async () => {
          const repo = await need(from)
          if ((await catalogue.locate(to)) !== undefined) throw taken
          const path = place(repo.id, 'repo.json')
          const text = (await folder.read(path))!
          const own = accessOf(text)
          const kept = { private: own.private || access.private, gated: own.gated || access.gated }
          // Before the new name exists, so that a private repository is never public under it.
          const generation = randomUUID()
          const record = { ...JSON.parse(text), ...to, generation, ...kept }
          await folder.write(path, JSON.stringify(record))
          await folder.discard(...parts(to))
          prepare(kept)
          await folder.move(place(repo.id), place(to))
          opened.set(repoKey(to), Promise.resolve({ ...repo, id: to, generation }))
          await catalogue.add(to)
          await forget(repo.id)
        }),
      )
    },
    async find(repo, revision) {
      const found = await get(repo)
      const commit = found && commitOf(found, revision)
      return commit && { ...commit, files: await revisions.files(found, commit) }
    },
    async changedPaths(repo, commit) {
      const found = await need(repo)
      const held = found.commits.get(commit.oid)
      return held === undefined ? [] : await revisions.changedPaths(found, held)
    },
    async *contents(repo, except) {
      const found = await get(repo)
      if (found !== undefined) yield* revisions.contents(found, except)
    },
    async history(repo, from) {
      const { commits } = await need(repo)
      const before: Commit[] = []
      for (let at: Commit | undefined = from; at !== undefined; at = commits.get(at.parent ?? '')) {
        before.push(at)
      }
      return before
    },
    async refs(repo) {
      const { branches, tags } = await need(repo)
      return { branches: [...branches], tags: [...tags] }
    },
    createRef: (repo, kind, name, { target, overwrite = false, message }) =>
      alone(repo, async () => {
        const found = await need(repo)
        // Two names that differ only in case would share a file on a case-insensitive file system.
        const held = [...found[kind].keys()].find((other) => isSameName(other, name))
        if (held !== undefined && (!overwrite || held !== name)) {
          throw new HubRefusal(409, `The reference ${held} exists already.`)
        }
        if (held !== undefined && target === undefined) return
        if (target === null) {
          await append(found, name, firstCommit(now()), nothing)
          return
        }
        const commit = commitOf(found, target ?? 'main')
        if (commit === undefined) throw revisionNotFound(target ?? 'main')
        await point(found, kind, name, commit.oid, message)
      }),
    deleteRef: (repo, kind, name) =>
      alone(repo, async () => {
        const found = await need(repo)
        if (!found[kind].has(name)) throw revisionNotFound(name)
        await folder.discard(place(found.id, kind, encodeURIComponent(name)))
        found[kind].delete(name)
      }),
    squash: (repo, branch, title) =>
      alone(repo, async () => {
        const found = await need(repo)
        const head = headOf(found, branch)
        if (head === undefined) throw revisionNotFound(branch)
        const files = await revisions.files(found, head)
        const content = { parent: null, title, date: now() }
        const squashed = await append(found, branch, content, { files, changes: files })
        // The newest first: a commit needs those before it.
        const lost = unreachable(found).toReversed()
        await folder.discard(...lost.map((oid) => place(found.id, 'commits', `${oid}.json`)))
        for (const oid of lost) found.commits.delete(oid)
        return squashed
      }),
    commit: (repo, change, prepare) =>
      alone(repo, async () => {
        const existing = await get(repo)
        const { branch, base } = startOf(existing, change)
        const before = existing && base ? await revisions.files(existing, base) : new Map()
        const made = await applied(before, change.changes)
        await prepare?.()
        // A refused commit creates no repository.
        const found = existing ?? (await create(repo, change.access ?? open))
        const { title, message } = change
        const parent = base?.oid ?? null
        const content = { parent, title, ...(message && { message }), date: now() }
        return { commit: await append(found, branch, content, made), branch }
      }),
  }
}

function emptyRepo(id: RepoId, created: string, generation: string, sdk: string | undefined): Repo {
  const maps = { commits: new Map(), branches: new Map(), tags: new Map() }
  return { id, created, generation, ...(sdk !== undefined && { sdk }), ...maps }
}

function firstCommit(date: string): Omit<Commit, 'oid'> {
  return { parent: null, title: 'initial commit', date }
}

const nothing = { files: new Map(), changes: new Map() } as const
const SUFFIX = '.json'

/** Files that are open at the same time. */
const AT_ONCE = 32

const open: RepoAccess = { private: false, gated: false }

function accessOf(text: string): RepoAccess {
  const { private: hidden = false, gated = false } = JSON.parse(text) as Partial<RepoAccess>
  return { private: hidden, gated }
}
