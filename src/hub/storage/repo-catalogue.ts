// Which repositories a folder has, and where each of them is in it.

import { canonicalKey } from './repo-names.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepoId } from '../hub.ts'
import type { Folder } from './folder.ts'

/** The repositories of a folder by name. */
export interface RepoCatalogue {
  /** The path of a repository, or of something in it. */
  readonly place: (repo: RepoId, ...rest: string[]) => string
  /** The paths that are a repository's alone: the folder of `a` also contains `a/b`. */
  readonly parts: (repo: RepoId) => string[]
  /** The stored spelling of a name. A folder of an older version may contain several; then the exact one is preferred. */
  locate(repo: RepoId): Promise<RepoId | undefined>
  list(): Promise<readonly RepoId[]>
  /** Call it when a repository was made. */
  add(repo: RepoId): Promise<void>
  /** Call it when one was deleted or renamed. */
  forget(repo: RepoId): Promise<void>
}

/**
 * Opens the catalogue of a folder, which is read when it is first needed.
 *
 * @param folder the hub's folder
 */
export function openCatalogue(folder: Folder): RepoCatalogue {
  let names: Promise<Map<string, RepoId[]>> | undefined
  const all = (): Promise<Map<string, RepoId[]>> => (names ??= scan(folder))
  const place: RepoCatalogue['place'] = ({ type, name }, ...rest) =>
    folderOf(folder, type, name.split('/'), ...rest)
  return {
    place,
    parts: (repo) =>
      repo.name.includes('/')
        ? [place(repo)]
        : ['repo.json', 'branches', 'tags', 'commits'].map((part) => place(repo, part)),
    async locate(repo) {
      const found = (await all()).get(canonicalKey(repo)) ?? []
      return found.find(({ name }) => name === repo.name) ?? found[0]
    },
    list: async () => [...(await all()).values()].flat(),
    add: async (repo) => void (await all()).set(canonicalKey(repo), [repo]),
    async forget(repo) {
      const held = await all()
      const others = (held.get(canonicalKey(repo)) ?? []).filter(({ name }) => name !== repo.name)
      if (others.length === 0) held.delete(canonicalKey(repo))
      else held.set(canonicalKey(repo), others)
    },
  }
}

/** Folder names end in a dot, which no repository name may: `a` and `a/commits` cannot collide. */
function folderOf(
  folder: Folder,
  type: RepoId['type'],
  parts: readonly string[],
  ...rest: string[]
): string {
  return folder.path('repos', `${type}s`, ...parts.map((part) => `${part}.`), ...rest)
}

/** All repositories of a folder, by canonical key. */
async function scan(folder: Folder): Promise<Map<string, RepoId[]>> {
  const found = new Map<string, RepoId[]>()
  const look = async (type: RepoId['type'], parts: readonly string[]): Promise<void> => {
    const path = folderOf(folder, type, parts)
    if ((await folder.read(join(path, 'repo.json'))) !== undefined) {
      const repo: RepoId = { type, name: parts.join('/') }
      const key = canonicalKey(repo)
      found.set(key, [...(found.get(key) ?? []), repo])
    }
    if (parts.length === 2) return
    for (const name of await namesIn(path)) {
      if (name.endsWith('.')) await look(type, [...parts, name.slice(0, -1)])
    }
  }
  for (const type of ['model', 'dataset', 'space'] as const) await look(type, [])
  return found
}

/** Names of the entries of a folder, without those that a file manager left there; empty when there is none. */
export async function namesIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => !name.startsWith('.'))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
