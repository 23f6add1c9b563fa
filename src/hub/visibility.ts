// Decides which stored content is visible to a caller. Objects are stored once, by hash, but a hash alone gives no
// access. Content is visible to a repository that contains it in one of its revisions or got it uploaded, and to all
// when a public repository contains it. Uploads are remembered across restarts, because a commit may follow days
// later.

import { pacer } from './pacing.ts'
import { canonicalKey, parseRepoKey } from './storage/repo-names.ts'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ContentKind, Guard, HubContext, Visibility } from './context.ts'

/** Content hashes by kind, and the ids of the commits that they belong to. */
type Contents = Readonly<Record<ContentKind | 'commits', Set<string>>>

const DAY_MS = 24 * 3600 * 1000
/** Longest time between an upload and its commit. */
const REMEMBERED_MS = 7 * DAY_MS
/** Longest time for which clients remember their uploads: three weeks in hf_xet. */
const HAD_MS = 30 * DAY_MS

/**
 * Makes the visibility of a hub's content.
 *
 * @param hub content and repositories
 * @example if (!(await visibility.toRepo('me/vad', 'xorb', hash))) throw new HubRefusal(404, …)
 */
export function createVisibility(
  hub: Pick<HubContext, 'clock' | 'folder' | 'objects' | 'repos'> & { readonly guard: Guard },
): Visibility {
  const contents = new Map<string, Promise<Contents>>()
  /** Repositories with newer commits than their contents. */
  const outdated = new Set<string>()
  /** Time at which a mark was written, which is also its content; 0: before the start of the hub. */
  const uploads = new Map<string, number>()
  let tidiedAt = Number.NEGATIVE_INFINITY
  const placeOf = (repo: string): string => {
    const { type, name } = parseRepoKey(canonicalKey(repo))
    return hub.folder.path('uploads', `${type}s`, ...name.split('/').map((part) => `${part}.`))
  }
  const uploaders = hub.folder.path('uploads', 'by')
  const place = (repo: string, kind: ContentKind, hash: string): string =>
    join(placeOf(repo), `${kind}.${hash}`)

  const contentsOf = (name: string): Promise<Contents> => {
    const repo = canonicalKey(name)
    const known = contents.get(repo)
    if (known !== undefined && !outdated.delete(repo)) return known
    const reading = readContents(hub, repo, known)
    contents.set(repo, reading)
    reading.catch(() => contents.get(repo) === reading && contents.delete(repo))
    return reading
  }
  const holds: Visibility['holds'] = async (repo, kind, hash) => {
    const at = place(repo, kind, hash)
    if (uploads.has(at) || (await contentsOf(repo))[kind].has(hash)) return true
    const found = (await hub.folder.read(at)) !== undefined
    if (found) uploads.set(at, 0)
    return found
  }
  /** Deletes marks that are no longer needed: their content is in a revision, or no commit followed. */
  const tidy = async (path: string, repo?: string): Promise<void> => {
    const over: string[] = []
    const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const at = join(path, entry.name)
      if (entry.isDirectory()) {
        if (repo === undefined) await tidy(at)
        continue
      }
      const [kind, hash] = entry.name.split('.') as [ContentKind, string]
      const isHeld = repo !== undefined && (await contentsOf(repo))[kind].has(hash)
      const since = Number(await hub.folder.read(at))
      const most = path.startsWith(uploaders) ? HAD_MS : REMEMBERED_MS
      if (isHeld || hub.clock.now() - since > most) over.push(at)
    }
    await hub.folder.discard(...over)
    for (const at of over) uploads.delete(at)
  }
  let tidying = Promise.resolve()
  /** Not awaited. Marks that could not be deleted are checked again later. */
  const cleanLater = (path: string, repo?: string): void => {
    tidying = tidying.then(() => tidy(path, repo)).catch(() => undefined)
  }
  const toCaller: Visibility['toCaller'] = async (repo, rights, kind, hash) => {
    if (await holds(repo, kind, hash)) return true
    for (const other of await hub.repos.list()) {
      if (!hub.guard.mayRead(rights, other)) continue
      if ((await contentsOf(canonicalKey(other)))[kind].has(hash)) return true
    }
    return false
  }
  /** Writes a mark, at most once a day. */
  const mark = async (at: string): Promise<void> => {
    const now = hub.clock.now()
    if (now - (uploads.get(at) ?? 0) < DAY_MS) return
    await hub.folder.write(at, String(now))
    uploads.set(at, now)
    if (now - tidiedAt < DAY_MS) return
    tidiedAt = now
    cleanLater(hub.folder.path('uploads'))
  }
  return {
    holds,
    toCaller,
    toRepo: (repo, kind, hash) => toCaller(repo, undefined, kind, hash),
    uploaded: (repo, kind, hash) => mark(place(repo, kind, hash)),
    uploadedBy: (uploader, xorb) => mark(join(uploaders, uploader, `xorb.${xorb}`)),
    async had(uploader, xorb) {
      const at = join(uploaders, uploader, `xorb.${xorb}`)
      const since = uploads.get(at) ?? Number((await hub.folder.read(at)) ?? Number.NaN)
      return hub.clock.now() - since <= HAD_MS
    },
    xorbs: async (repo) => [...(await contentsOf(repo)).xorb].toReversed(),
    changed(repo, how) {
      if (how === 'removed') contents.delete(canonicalKey(repo))
      else outdated.add(canonicalKey(repo))
      cleanLater(placeOf(repo), repo)
    },
    async forget(repo) {
      const path = placeOf(repo)
      contents.delete(canonicalKey(repo))
      for (const at of uploads.keys()) if (dirname(at) === path) uploads.delete(at)
      // The folder of `a` also contains that of `a/b`, whose name ends in a dot.
      const names = await readdir(path).catch(() => [])
      await hub.folder.discard(
        ...names.filter((name) => !name.endsWith('.')).map((name) => join(path, name)),
      )
    },
  }
}

/** All revisions count, because older ones stay readable by their id. */
async function readContents(
  { objects, repos }: Pick<HubContext, 'objects' | 'repos'>,
  repo: string,
  before: Promise<Contents> | undefined,
): Promise<Contents> {
  const found = (await before?.catch(() => undefined)) ?? {
    commits: new Set(),
    xorb: new Set(),
    file: new Set(),
    large: new Set(),
  }
  const pause = pacer()
  const seen = new Set<string>()
  for await (const { commit, entries } of repos.contents(parseRepoKey(repo), found.commits)) {
    for (const entry of entries.values()) {
      if (pause.due()) await pause.now()
      if (entry?.sha256 === undefined) continue
      const { sha256, xetHash } = entry
      found.large.add(sha256)
      if (xetHash === undefined || seen.has(xetHash)) continue
      seen.add(xetHash)
      // Again for a new commit: a file that was damaged may have been uploaded with other xorbs.
      const terms = (await objects.file(xetHash))?.terms ?? []
      found.file.add(xetHash)
      for (const { xorb } of terms) found.xorb.add(xorb)
    }
    found.commits.add(commit.oid)
  }
  return found
}
