import { HubRefusal } from '../refusals.ts'
import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../core/index.ts'
import type { Commit, FileEntry, RepoAccess, Repos } from '../context.ts'
import type { RepoId } from '../hub.ts'
import type { Folder } from './folder.ts'

/**
 * The name of a repository where types are mixed: models by their bare name, others with their prefix. No two
 * repositories share one: a model whose owner is called like a prefix gets a prefix, too.
 *
 * @example repoKey({ type: 'dataset', name: 'a/b' }) // 'datasets/a/b'
 */
export function repoKey({ type, name }: RepoId): string {
  return type === 'model' && !/^(?:model|dataset|space)s\//i.test(name) ? name : `${type}s/${name}`
}

/** The opposite of {@link repoKey}. */
export function parseRepoKey(key: string): RepoId {
  const match = /^(model|dataset|space)s\/(.+)$/i.exec(key)
  if (match === null) return { type: 'model', name: key }
  return { type: match[1]!.toLowerCase() as RepoId['type'], name: match[2]! }
}

/** {@link repoKey} in the one spelling that comparisons use: on the hub, names that differ in case only are the same. */
export function canonicalKey(repo: RepoId | string): string {
  return repoKey(typeof repo === 'string' ? parseRepoKey(repo) : repo).toLowerCase()
}

/** Repositories by name, in whatever case it is written. */
export class RepoSet extends Set<string> {
  override has(name: string): boolean {
    return super.has(canonicalKey(name))
  }

  override add(name: string): this {
    return super.add(canonicalKey(name))
  }

  override delete(name: string): boolean {
    return super.delete(canonicalKey(name))
  }
}

interface Repo {
  /** As it is stored. */
  readonly id: RepoId
  /** By id, oldest first. */
  readonly commits: Map<string, Commit>
  /** Branch to commit id. */
  readonly branches: Map<string, string>
}

/**
 * Opens the repositories in a folder. A commit is written before the branch that points to it, so a process
 * killed in between has committed nothing.
 *
 * @param folder the hub's folder
 * @param clock dates the commits
 */
export function openRepos(folder: Folder, clock: Clock): Repos {
  const opened = new Map<string, Promise<Repo>>()
  const busy = new Map<string, Promise<unknown>>()
  // Folder names end in a dot, which no repository name may: `a` and `a/commits` cannot get mixed up.
  const place = ({ type, name }: RepoId, ...rest: string[]): string =>
    folder.path('repos', `${type}s`, ...name.split('/').map((part) => `${part}.`), ...rest)

  const load = async (repo: RepoId): Promise<Repo> => {
    const commits: Commit[] = []
    for (const name of await list(place(repo, 'commits'))) {
      commits.push(JSON.parse((await folder.read(place(repo, 'commits', name)))!) as Commit)
    }
    const branches = new Map<string, string>()
    for (const name of await list(place(repo, 'branches'))) {
      const oid = (await folder.read(place(repo, 'branches', name)))!.trim()
      branches.set(decodeURIComponent(name), oid)
    }
    commits.sort((a, b) => a.date.localeCompare(b.date))
    return { id: repo, commits: new Map(commits.map((commit) => [commit.oid, commit])), branches }
  }
  let names: Promise<Map<string, RepoId[]>> | undefined
  /** Finds the stored spelling. A folder of an older version may hold several; then the exact one goes before. */
  const locate = async (repo: RepoId): Promise<RepoId | undefined> => {
    names ??= scan(folder)
    const found = (await names).get(canonicalKey(repo)) ?? []
    return found.find(({ name }) => name === repo.name) ?? found[0]
  }
  const get = async (repo: RepoId): Promise<Repo | undefined> => {
    const stored = await locate(repo)
    if (stored === undefined) return undefined
    const key = repoKey(stored)
    const held = opened.get(key)
    if (held !== undefined) return await held
    const opening = load(stored)
    opened.set(key, opening)
    opening.catch(() => opened.delete(key))
    return await opening
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
  const create = async (repo: RepoId, access: RepoAccess = open): Promise<Repo> => {
    const found = await get(repo)
    if (found !== undefined) return found
    const created = new Date(clock.now()).toISOString()
    await folder.write(place(repo, 'repo.json'), JSON.stringify({ ...repo, created, ...access }))
    ;(await names)?.set(canonicalKey(repo), [repo])
    return (await get(repo))!
  }

  return {
    exists: async (repo) => (await get(repo)) !== undefined,
    create: (repo, access) => alone(repo, async () => void (await create(repo, access))),
    list: async () => [...(await (names ??= scan(folder))).values()].flat(),
    async access(repo) {
      const stored = await locate(repo)
      const text = stored && (await folder.read(place(stored, 'repo.json')))
      return text === undefined ? open : accessOf(text)
    },
    setAccess: (repo, access) =>
      alone(repo, async () => {
        const path = place((await locate(repo))!, 'repo.json')
        const kept = JSON.parse((await folder.read(path))!) as object
        await folder.write(path, JSON.stringify({ ...kept, ...access }))
      }),
    async larges(repo) {
      const commits = [...((await get(repo))?.commits.values() ?? [])].toReversed()
      const files = new Map<string, FileEntry>()
      for (const commit of commits) {
        for (const entry of Object.values(commit.files)) {
          if (entry.sha256 !== undefined) files.set(entry.oid + (entry.xetHash ?? ''), entry)
        }
      }
      return [...files.values()]
    },
    async find(repo, revision) {
      const found = await get(repo)
      return found?.commits.get(found.branches.get(revision) ?? revision)
    },
    async holds(repo, xetHash) {
      for (const commit of (await get(repo))?.commits.values() ?? []) {
        if (Object.values(commit.files).some((file) => file.xetHash === xetHash)) return true
      }
      return false
    },
    async newest(repo) {
      const commits = [...((await get(repo))?.commits.values() ?? [])].toReversed()
      const files = commits.flatMap((commit) => Object.values(commit.files))
      return [...new Set(files.flatMap(({ xetHash }) => xetHash ?? []))]
    },
    commit: (repo, branch, title, changes, parent, prepare) =>
      alone(repo, async () => {
        const before = await get(repo)
        if (parent !== undefined && parent !== before?.branches.get(branch)) {
          throw new HubRefusal(412, 'A commit has happened since. Please refresh and try again.')
        }
        await prepare?.()
        // A refused commit makes no repository.
        const { id, commits, branches } = before ?? (await create(repo))
        const head = branches.get(branch)
        const entries = new Map(Object.entries(commits.get(head ?? '')?.files ?? {}))
        for (const [path, entry] of changes) {
          if (entry === null) entries.delete(path)
          else entries.set(path, entry)
        }
        const files = Object.fromEntries(entries)
        const date = new Date(clock.now()).toISOString()
        const content = { parent: head ?? null, title, date, files }
        const oid = createHash('sha1')
          .update(JSON.stringify([repoKey(id), branch, commits.size, content]))
          .digest('hex')
        const commit: Commit = { oid, ...content }
        const path = place(id, 'commits', `${oid}.json`)
        await folder.write(path, JSON.stringify(commit))
        try {
          await folder.write(place(id, 'branches', encodeURIComponent(branch)), `${oid}\n`)
        } catch (error) {
          await rm(path, { force: true })
          throw error
        }
        commits.set(oid, commit)
        branches.set(branch, oid)
        return commit
      }),
  }
}

/** All repositories of a folder, by canonical key. */
async function scan(folder: Folder): Promise<Map<string, RepoId[]>> {
  const found = new Map<string, RepoId[]>()
  const look = async (type: RepoId['type'], parts: readonly string[]): Promise<void> => {
    const path = folder.path('repos', `${type}s`, ...parts.map((part) => `${part}.`))
    if ((await folder.read(join(path, 'repo.json'))) !== undefined) {
      const repo: RepoId = { type, name: parts.join('/') }
      const key = canonicalKey(repo)
      found.set(key, [...(found.get(key) ?? []), repo])
    }
    if (parts.length === 2) return
    for (const name of await list(path)) {
      if (name.endsWith('.')) await look(type, [...parts, name.slice(0, -1)])
    }
  }
  for (const type of ['model', 'dataset', 'space'] as const) await look(type, [])
  return found
}

const open: RepoAccess = { private: false, gated: false }

function accessOf(text: string): RepoAccess {
  const { private: hidden = false, gated = false } = JSON.parse(text) as Partial<RepoAccess>
  return { private: hidden, gated }
}

async function list(path: string): Promise<string[]> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}

/** The file at a path of a commit. Own properties only: a file may be called `constructor`. */
export function entryAt(commit: Commit, path: string): FileEntry | undefined {
  return Object.hasOwn(commit.files, path) ? commit.files[path] : undefined
}

const LONGEST = 1024

/**
 * Refuses what is no path of a file within a repository.
 *
 * @param path decoded, without leading slash
 * @returns the same path
 * @throws HubRefusal 400
 */
export function checkPath(path: string): string {
  const broken =
    path.length > LONGEST ||
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f\\]/.test(path) ||
    path.split('/').some((part) => part === '' || part === '.' || part === '..')
  if (broken) {
    throw new HubRefusal(
      400,
      `A file path must be relative, at most ${LONGEST} characters, without empty, '.' or '..' parts, backslashes and control characters.`,
    )
  }
  return path
}

/**
 * Refuses what is no repository name. Names become folder names, so this is also what keeps them inside.
 *
 * @param name `owner/name` or `name`, decoded
 * @returns the same name
 * @throws HubRefusal 400
 */
export function checkRepoName(name: string): string {
  const parts = name.split('/')
  const fine =
    parts.length <= 2 &&
    parts.every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/.test(part) && !part.includes('..'))
  if (!fine) {
    throw new HubRefusal(
      400,
      'A repository name is owner/name or name, each of at most 96 letters, digits, dots, dashes and underscores.',
    )
  }
  return name
}

/**
 * Refuses what is neither a commit id nor a branch name.
 *
 * @param revision decoded
 * @returns the name, without `refs/heads/`
 * @throws HubRefusal 404 `RevisionNotFound`: a name that cannot exist is one that does not
 */
export function checkRevision(revision: string): string {
  const name = revision.replace(/^refs\/heads\//, '')
  if (!/^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/.test(name) || /\.\.|\/\/|\/$|\.lock$/.test(name)) {
    throw new HubRefusal(404, 'Invalid rev id.', 'RevisionNotFound')
  }
  return name
}
