import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import type { Clock } from '../../core/Clock.ts'
import { HubRefusal } from '../answer/HubRefusal.ts'
import type { Folder } from '../disk/Folder.ts'
import type { Commit } from './Commit.ts'
import { repoKey } from './repoKey.ts'
import type { RepoId } from './RepoId.ts'
import type { Repos } from './Repos.ts'

interface Repo {
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
  const opened = new Map<string, Promise<Repo | undefined>>()
  const busy = new Map<string, Promise<unknown>>()
  // Folder names end in a dot, which no repository name may: `a` and `a/commits` cannot get mixed up.
  const place = ({ type, name }: RepoId, ...rest: string[]): string =>
    folder.path('repos', `${type}s`, ...name.split('/').map((part) => `${part}.`), ...rest)

  const load = async (repo: RepoId): Promise<Repo | undefined> => {
    if ((await folder.read(place(repo, 'repo.json'))) === undefined) return undefined
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
    return { commits: new Map(commits.map((commit) => [commit.oid, commit])), branches }
  }
  const get = (repo: RepoId): Promise<Repo | undefined> => {
    const key = repoKey(repo)
    const held = opened.get(key)
    if (held !== undefined) return held
    const opening = load(repo).then(
      (found) => {
        if (found === undefined) opened.delete(key)
        return found
      },
      (error: unknown) => {
        opened.delete(key)
        throw error
      },
    )
    opened.set(key, opening)
    return opening
  }
  /** One change at a time in each repository. */
  const alone = async <Value>(repo: RepoId, change: () => Promise<Value>): Promise<Value> => {
    const key = repoKey(repo)
    const turn = (busy.get(key) ?? Promise.resolve()).then(change, change)
    busy.set(key, turn)
    try {
      return await turn
    } finally {
      if (busy.get(key) === turn) busy.delete(key)
    }
  }
  const create = async (repo: RepoId): Promise<Repo> => {
    const found = await get(repo)
    if (found !== undefined) return found
    const created = new Date(clock.now()).toISOString()
    await folder.write(place(repo, 'repo.json'), JSON.stringify({ ...repo, created }))
    opened.delete(repoKey(repo))
    return (await get(repo))!
  }

  return {
    exists: async (repo) => (await get(repo)) !== undefined,
    create: (repo) => alone(repo, async () => void (await create(repo))),
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
    commit: (repo, branch, title, changes, parent) =>
      alone(repo, async () => {
        const { commits, branches } = await create(repo)
        const head = branches.get(branch)
        if (parent !== undefined && parent !== head) {
          throw new HubRefusal(412, 'A commit has happened since. Please refresh and try again.')
        }
        const entries = new Map(Object.entries(commits.get(head ?? '')?.files ?? {}))
        for (const [path, entry] of changes) {
          if (entry === null) entries.delete(path)
          else entries.set(path, entry)
        }
        const files = Object.fromEntries(entries)
        const date = new Date(clock.now()).toISOString()
        const content = { parent: head ?? null, title, date, files }
        const oid = createHash('sha1')
          .update(JSON.stringify([repoKey(repo), branch, commits.size, content]))
          .digest('hex')
        const commit: Commit = { oid, ...content }
        await folder.write(place(repo, 'commits', `${oid}.json`), JSON.stringify(commit))
        await folder.write(place(repo, 'branches', encodeURIComponent(branch)), `${oid}\n`)
        commits.set(oid, commit)
        branches.set(branch, oid)
        return commit
      }),
  }
}

async function list(path: string): Promise<string[]> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
